def survive(call):
    text = ""
    while True:
        try:
            with call() as stream:
                for piece in stream.text_stream:
                    text += piece
                if stream.get_final_message().stop_reason:
                    return text, True
        except Exception:
            pass

exercises.survive.check(survive)
