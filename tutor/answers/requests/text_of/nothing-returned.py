def text_of(reply):
    for block in reply["content"]:
        if block["type"] == "text":
            print(block["text"])

exercises.text_of.check(text_of)
