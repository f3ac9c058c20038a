def text_of(reply):
    return reply["content"][0]["text"]

exercises.text_of.check(text_of)
