number = 27
first = send([{"role": "user", "content": f"My favourite number is {number}."}])
second = send([
    {"role": "user", "content": f"My favourite number is {number}."},
    {"role": "assistant", "content": first.content},
    {"role": "user", "content": "What is my favourite number?"},
])
second = text_of(second)

exercises.remember.check(second)
