def text_of(reply):
    return "".join([block["text"] for block in reply["content"]])

exercises.text_of.check(text_of)
