def survive(call):
    text = ""
    with call() as stream:
        for piece in stream.text_stream:
            text += piece
        message = stream.get_final_message()
    return text, message.stop_reason is not None

exercises.survive.check(survive)
