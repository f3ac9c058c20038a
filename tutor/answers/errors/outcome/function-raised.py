def outcome(reply):
    if "sorry" in reply.content[0].text:
        return "refused"
    words = {"end_turn": "answer", "stop_sequence": "answer", "max_tokens": "cut", None: "cut"}
    words |= {"model_context_window_exceeded": "cut", "pause_turn": "go on", "tool_use": "run tool"}
    return words.get(reply.stop_reason, "unknown")

exercises.outcome.check(outcome)
