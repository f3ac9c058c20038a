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
    return words.get(reply.stop_reason, "answer")

exercises.outcome.check(outcome)
