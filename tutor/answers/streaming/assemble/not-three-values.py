def assemble(events):
    text = ""
    for event in events:
        if event["type"] == "content_block_delta":
            if event["delta"]["type"] == "text_delta":
                text += event["delta"]["text"]
    return text

exercises.assemble.check(assemble)
