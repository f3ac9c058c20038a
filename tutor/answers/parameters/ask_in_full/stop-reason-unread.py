def ask_in_full(call, ceiling):
    reply = call(ceiling)
    if not text_of(reply).endswith("."):
        reply = call(4 * ceiling)
    return text_of(reply), text_of(reply).endswith(".")

exercises.ask_in_full.check(ask_in_full)
