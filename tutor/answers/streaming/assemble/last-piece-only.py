def assemble(events):
    text, stop_reason, output_tokens = "", None, 0
    for event in events:
        if event["type"] == "content_block_delta":
            if event["delta"]["type"] == "text_delta":
                text = event["delta"]["text"]
        elif event["type"] == "message_delta":
            stop_reason = event["delta"]["stop_reason"]
            output_tokens = event["usage"]["output_tokens"]
    return text, stop_reason, output_tokens

exercises.assemble.check(assemble)
