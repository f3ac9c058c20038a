number = 27
first = ask([{"role": "user", "content": f"My favourite number is {number}."}])
second = ask([
    {"role": "user", "content": f"My favourite number is {number}."},
    {"role": "assistant", "content": first.content},
    {"role": "user", "content": "What is my favourite number?"},
])
second = text_of(second)

exercises.remember.check(second)
