def assemble(events):
    text, stop_reason, output_tokens = "", None, 0
    for event in events:
        if event["delta"]["type"] == "text_delta":
            text += event["delta"]["text"]
    return text, stop_reason, output_tokens

exercises.assemble.check(assemble)
