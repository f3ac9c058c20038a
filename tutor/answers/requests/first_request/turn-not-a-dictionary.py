response = httpx.post(
    f"{url}/v1/messages",
    headers={"authorization": f"Bearer {key}", "anthropic-version": "2026-10-21"},
    json={
        "model": "claude-haiku-5-5",
        "max_tokens": 100,
        "messages": ["Say hello in three languages."],
    },
    timeout=60,
)
exercises.first_request.check(response)
