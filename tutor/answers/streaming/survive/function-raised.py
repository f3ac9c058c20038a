def survive(call):
    text, complete = "", False
    try:
        stream = call()
        for piece in stream.text_stream:
            text += piece
        complete = stream.get_final_message().stop_reason is not None
    except anthropic.APIError:
        pass
    return text, complete

exercises.survive.check(survive)
