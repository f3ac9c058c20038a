reply = ask

exercises.first_call.check(reply)
