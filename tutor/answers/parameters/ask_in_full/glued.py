def ask_in_full(call, ceiling):
    reply = call(ceiling)
    text = text_of(reply)
    if reply.stop_reason == "max_tokens":
        reply = call(4 * ceiling)
        text += text_of(reply)
    return text, reply.stop_reason != "max_tokens"

exercises.ask_in_full.check(ask_in_full)
