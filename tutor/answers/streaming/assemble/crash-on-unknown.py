def assemble(events):
    text, stop_reason, output_tokens = "", None, 0
    for event in events:
        if event["type"] == "message_start":
            message = event["message"]
        elif event["type"] == "content_block_delta":
            if event["delta"]["type"] == "text_delta":
                text += event["delta"]["text"]
        elif event["type"] == "message_delta":
            stop_reason = event["delta"]["stop_reason"]
            output_tokens = event["usage"]["output_tokens"]
        elif event["type"] not in ("content_block_start", "content_block_stop", "message_stop"):
            raise ValueError(f"unknown event: {event['type']}")
    return text, stop_reason, output_tokens

exercises.assemble.check(assemble)
