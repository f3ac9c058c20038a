number = 27
first = send([{"role": "user", "content": f"My favourite number is {number}."}])
second = httpx.post(
    f"{url}/v1/messages",
    headers=headers,
    json={
        "model": "claude-haiku-5-5",
        "messages": [
            {"role": "user", "content": f"My favourite number is {number}."},
            {"role": "assistant", "content": text_of(first)},
            {"role": "user", "content": "What is my favourite number?"},
        ],
    },
).json()

exercises.remember.check(second)
