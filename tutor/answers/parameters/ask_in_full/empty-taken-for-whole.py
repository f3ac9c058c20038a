def ask_in_full(call, ceiling):
    reply = call(ceiling)
    if text_of(reply) and reply.stop_reason == "max_tokens":
        reply = call(4 * ceiling)
    cut = text_of(reply) and reply.stop_reason == "max_tokens"
    return text_of(reply), not cut

exercises.ask_in_full.check(ask_in_full)
