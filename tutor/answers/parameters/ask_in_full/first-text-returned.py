def ask_in_full(call, ceiling):
    reply = call(ceiling)
    whole = reply.stop_reason != "max_tokens"
    if not whole:
        more = call(4 * ceiling)
        whole = more.stop_reason != "max_tokens"
    return text_of(reply), whole

exercises.ask_in_full.check(ask_in_full)
