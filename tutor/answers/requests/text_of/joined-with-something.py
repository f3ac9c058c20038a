def text_of(reply):
    return "\n".join(block["text"] for block in reply["content"] if block["type"] == "text")

exercises.text_of.check(text_of)
