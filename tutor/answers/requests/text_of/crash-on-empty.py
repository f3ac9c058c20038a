def text_of(reply):
    texts = [block["text"] for block in reply["content"] if block["type"] == "text"]
    text = texts[0]
    for more in texts[1:]:
        text += more
    return text

exercises.text_of.check(text_of)
