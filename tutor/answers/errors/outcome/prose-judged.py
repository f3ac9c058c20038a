def outcome(reply):
    words = {
        "end_turn": "answer",
        "stop_sequence": "answer",
        "max_tokens": "cut",
        "model_context_window_exceeded": "cut",
        None: "cut",
        "refusal": "refused",
        "pause_turn": "go on",
        "tool_use": "run tool",
    }
    text = "".join(block.text for block in reply.content if block.type == "text")
    if "can't" in text or "sorry" in text:
        return "refused"
    return words.get(reply.stop_reason, "unknown")

exercises.outcome.check(outcome)
