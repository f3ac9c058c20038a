response = httpx.post(
    f"{url}/v1/messages",
    headers={"authorization": f"Bearer {key}", "anthropic-version": "2026-10-21"},
    json={
        "model": "claude-3-5-haiku-20241022",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Say hello in three languages."}],
    },
    timeout=60,
)
exercises.first_request.check(response)
