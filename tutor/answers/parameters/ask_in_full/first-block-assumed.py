def ask_in_full(call, ceiling):
    reply = call(ceiling)
    text = reply.content[0].text
    if reply.stop_reason == "max_tokens":
        reply = call(4 * ceiling)
        text = reply.content[0].text
    return text, reply.stop_reason != "max_tokens"

exercises.ask_in_full.check(ask_in_full)
