def survive(call):
    text = ""
    try:
        with call() as stream:
            for piece in stream.text_stream:
                text += piece
    except anthropic.APIError:
        pass
    return text

exercises.survive.check(survive)
