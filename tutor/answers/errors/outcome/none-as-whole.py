def outcome(reply):
    words = {
        "end_turn": "answer",
        "stop_sequence": "answer",
        "max_tokens": "cut",
        "model_context_window_exceeded": "cut",
        "refusal": "refused",
        "pause_turn": "go on",
        "tool_use": "run tool",
    }
    return words.get(reply.stop_reason, "unknown")

exercises.outcome.check(outcome)
