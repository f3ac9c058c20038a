def rings(client):
    try:
        message = client.messages.create(
            model="claude-haiku-5-5",
            max_tokens=300,
            temperature=0,
            messages=[{"role": "user", "content": "Which planets of the solar system have rings?"}],
        )
    except Exception:
        return ""
    return text_of(message)

exercises.modernise.check(rings)
