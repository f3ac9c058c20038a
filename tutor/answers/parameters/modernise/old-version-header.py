# From a tutorial of 2025. Bring it up to date.
def rings(client):
    message = client.messages.create(
        model="claude-sonnet-4-6",
        max_tokens=300,
        extra_body={"temperature": 0},
        extra_headers={"anthropic-version": "2023-06-01"},
        messages=[{"role": "user", "content": "Which planets of the solar system have rings?"}],
    )
    return text_of(message)

exercises.modernise.check(rings)
