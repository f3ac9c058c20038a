number = 27
first = send([{"role": "user", "content": f"My favourite number is {number}."}])
second = send([{"role": "user", "content": f"My favourite number is {number}. What is my favourite number?"}])

exercises.remember.check(second)
