reply = 3

exercises.first_call.check(reply)
