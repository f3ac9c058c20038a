# From a tutorial of 2025. Bring it up to date.
def rings(client):
    message = client.messages.create(
        model="claude-haiku-5-5",
        max_tokens=300,
        messages=[{"role": "user", "content": "Which planets of the solar system have rings?"}],
    )
    return message["content"]

exercises.modernise.check(rings)
