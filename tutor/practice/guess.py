"""Predict, then run: a guess beside what happened. A guess is never wrong, and may be skipped."""

from html import escape
from typing import Any

from tutor import look
from tutor.practice.feedback import Panel, present


def predict(guess: Any, happened: Any, remark: str) -> None:
    """Show a guess and what the log says side by side; with `...` as the guess, what happened alone."""
    skipped = guess is ...
    own = "" if skipped else f'<span><b>{escape(str(guess))}</b><span class="tutor-meta">your guess</span></span>'
    body = (
        f'<div class="tutor-pair">{own}<span><b>{escape(str(happened))}</b>'
        f'<span class="tutor-meta">in the log</span></span><p>{look.rich(remark)}</p></div>'
    )
    plain = f"{'no guess' if skipped else f'your guess: {guess}'} · in the log: {happened}\n{remark}"
    present(Panel("flag", "In the log" if skipped else "Your guess, and the log", "predict", body, plain))
