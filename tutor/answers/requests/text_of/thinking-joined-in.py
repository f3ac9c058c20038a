def text_of(reply):
    return "".join(block.get("text", block.get("thinking")) for block in reply["content"])

exercises.text_of.check(text_of)
