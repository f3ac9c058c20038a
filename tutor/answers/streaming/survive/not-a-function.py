def survive(call):
    text, complete = "", False
    with call() as stream:
        for piece in stream.text_stream:
            text += piece
        complete = stream.get_final_message().stop_reason is not None
    return text, complete

exercises.survive.check(survive(lambda: sdk.messages.stream(**question)))
