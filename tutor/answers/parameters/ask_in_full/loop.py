def ask_in_full(call, ceiling):
    reply = call(ceiling)
    while reply.stop_reason == "max_tokens":
        ceiling = 4 * ceiling
        reply = call(ceiling)
    return text_of(reply), True

exercises.ask_in_full.check(ask_in_full)
