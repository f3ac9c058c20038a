def text_of(reply):
    text = 0
    for block in reply["content"]:
        if block["type"] == "text":
            text += block["text"]
    return text

exercises.text_of.check(text_of)
