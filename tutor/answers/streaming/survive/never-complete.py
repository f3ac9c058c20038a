def survive(call):
    text, complete = "", False
    try:
        with call() as stream:
            for piece in stream.text_stream:
                text += piece
    except anthropic.APIError:
        complete = False
    return text, complete

exercises.survive.check(survive)
