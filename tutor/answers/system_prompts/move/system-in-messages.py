rule = "Answer in one sentence, for a child of eight."
question = "Why does the sea taste of salt?"
talk = [
    {"role": "user", "content": "What is a volcano?"},
    {"role": "assistant", "content": "A mountain with a hole in the top. Inside, even stones melt."},
    {"role": "user", "content": question},
]
reply = send(messages=[{"role": "system", "content": rule}, *talk])

exercises.move.check(reply)
