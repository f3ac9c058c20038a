reply = questions

exercises.first_call.check(reply)
