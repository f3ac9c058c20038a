def ask_in_full(call, ceiling):
    reply = call(ceiling)
    if reply.stop_reason == "max_tokens":
        reply = call(ceiling)
    return text_of(reply), reply.stop_reason != "max_tokens"

exercises.ask_in_full.check(ask_in_full)
