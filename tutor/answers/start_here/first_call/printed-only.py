reply = print(ask(questions[2]))

exercises.first_call.check(reply)
