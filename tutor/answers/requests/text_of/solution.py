def text_of(reply):
    return "".join(block["text"] for block in reply["content"] if block["type"] == "text")

exercises.text_of.check(text_of)
