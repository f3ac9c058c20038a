def survive(call):
    try:
        with call() as stream:
            message = stream.get_final_message()
        return text_of(message), message.stop_reason is not None
    except anthropic.APIError:
        return "", False

exercises.survive.check(survive)
