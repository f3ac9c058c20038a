def survive(call):
    pieces, complete = [], False
    try:
        with call() as stream:
            for piece in stream.text_stream:
                pieces.append(piece)
            complete = stream.get_final_message().stop_reason is not None
    except anthropic.APIError:
        pass
    return "\n".join(pieces), complete

exercises.survive.check(survive)
