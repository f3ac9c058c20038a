reply = ask(questions[2]).content[0].text

exercises.first_call.check(reply)
