number = 27
first = ask([{"role": "user", "content": f"My favourite number is {number}."}])
second = ask([
    {"role": "assistant", "content": first.content},
    {"role": "user", "content": f"My favourite number is {number}."},
    {"role": "user", "content": "What is my favourite number?"},
])

exercises.remember.check(second)
