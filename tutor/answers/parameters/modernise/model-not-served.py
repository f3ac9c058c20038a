# From a tutorial of 2025. Bring it up to date.
def rings(client):
    message = client.messages.create(
        model="claude-haiku-3-5",
        max_tokens=300,
        messages=[{"role": "user", "content": "Which planets of the solar system have rings?"}],
    )
    return text_of(message)

exercises.modernise.check(rings)
