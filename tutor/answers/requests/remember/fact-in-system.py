number = 27
first = send([{"role": "user", "content": f"My favourite number is {number}."}])
second = client.messages.create(
    model="claude-haiku-5-5",
    max_tokens=200,
    system=f"The user's favourite number is {number}.",
    messages=[{"role": "user", "content": "What is my favourite number?"}],
)

exercises.remember.check(second)
