def text_of(reply):
    for block in reply["content"]:
        if block["type"] == "text":
            return block["text"]
    return ""

exercises.text_of.check(text_of)
