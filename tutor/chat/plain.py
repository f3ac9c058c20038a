"""The tutor as printed text: `chat.ask("...")`, for places where widgets do not show."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tutor.chat.render import visible
from tutor.chat.sent import who

if TYPE_CHECKING:
    from tutor.chat.session import Chat


def ask(chat: Chat, question: str, alone: bool) -> None:
    """Ask, and print the reply as it arrives. Interrupting the cell stops it; what has arrived stays."""
    if not isinstance(question, str) or not question.strip():
        came = "an empty one" if isinstance(question, str) else type(question).__name__
        print(f'Expected a question, got {came}. Write chat.ask("What is a token?")')
        return
    try:
        along = [] if alone else chat.parts()
        asking = chat.begin(question, parts=[part.name for part in along])
    except (RuntimeError, ValueError) as error:  # busy, or a key in it: one sentence, no traceback
        print(error)
        return
    if along:
        print(f"(goes along: {'; '.join(part.label for part in along)}; alone=True sends the question alone)")
    asking.start()
    shown = 0
    try:
        while not asking.over.is_set():
            _wait(asking.changed)
            asking.changed.clear()
            shown = _print(asking.turn.text, shown)
    except KeyboardInterrupt:
        asking.stop()
    _print(asking.turn.text, shown)
    turn = asking.turn
    if turn.text and not turn.text.endswith("\n"):
        print()
    if turn.trouble is not None:
        print(visible(turn.trouble.plain))
    elif turn.state == "stopped":
        print("Stopped. What had arrived stays.")
    if turn.source:
        print(f"({who(turn)[1]})")


def _print(text: str, shown: int) -> int:
    print(visible(text[shown:]), end="", flush=True)
    return len(text)


def _wait(event: threading.Event) -> None:
    while not event.wait(0.5):  # in short steps: on Windows a bare wait cannot be interrupted
        pass
