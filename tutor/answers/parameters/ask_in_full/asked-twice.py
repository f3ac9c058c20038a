def ask_in_full(call, ceiling):
    first = call(ceiling)
    second = call(4 * ceiling)
    if first.stop_reason == "end_turn":
        return text_of(first), True
    return text_of(second), second.stop_reason == "end_turn"

exercises.ask_in_full.check(ask_in_full)
