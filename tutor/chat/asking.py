"""One question on its way: sends it, takes in what comes back, and can be stopped from another thread at any moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from tutor.chat import trouble
from tutor.chat.conversation import Turn

WITHDRAWN = 0.02  # seconds: who pressed Stop while a cell held the kernel is heard right after the question


class Asking:
    """`run` reads the reply in the thread that calls it; `start` does so in a thread of its own.

    `changed` is set whenever there is something new to show, `over` when nothing more will come. After `stop` the turn
    is not touched any more, even if the thread that reads is still waiting for a silent server. `source` is who writes
    the reply where its headers do not say so.
    """

    def __init__(self, turn: Turn, client: Callable[[], Any], headers: Mapping[str, str], source: str) -> None:
        self.turn = turn
        self.changed = threading.Event()
        self.over = threading.Event()
        self._client, self._headers, self._source = client, dict(headers), source
        self._stream: Any = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Read the reply in the background."""
        threading.Thread(target=self.run, name=f"tutor-question-{self.turn.id}", daemon=True).start()

    def run(self) -> None:
        """Send the question and read the reply to its end. Raises nothing: what goes wrong stands in the turn."""
        if self.over.wait(WITHDRAWN):
            return
        try:
            started = time.perf_counter()
            # No second try in silence: what went wrong is shown at once, with a button that tries again.
            with (
                self._client()
                .with_options(max_retries=0)
                .messages.create(**self.turn.request, extra_headers=self._headers) as stream
            ):
                if not self._opened(stream):
                    return
                for event in stream:
                    if not self._came(time.perf_counter() - started, event.to_dict()):
                        return
            self._end()
        except Exception as error:  # whatever it is, the learner reads one plain sentence about it
            self._end(error)

    def stop(self) -> bool:
        """End the question at once, and close its connection. False if it was over already."""
        with self._lock:
            if self.over.is_set():
                return False
            self.turn.state = "stopped"
            if not self.turn.text.strip():
                self.turn.trouble = trouble.STOPPED
            self._finish()
        if self._stream is not None:
            # Closing waits for nobody, but a transport may: the learner must not.
            threading.Thread(target=self._stream.close, name="tutor-close", daemon=True).start()
        return True

    def _opened(self, stream: Any) -> bool:
        with self._lock:
            if self.over.is_set():
                return False
            self._stream = stream
            headers = {name.lower(): value for name, value in stream.response.headers.items()}
            self.turn.headers = headers
            self.turn.source = headers.get("tutor-source", self._source)
            self.turn.estimated = headers.get("tutor-usage") == "estimated"
            return True

    def _came(self, seconds: float, event: dict[str, Any]) -> bool:
        with self._lock:
            if self.over.is_set():
                return False
            self.turn.came(seconds, event)
            self.changed.set()
            return True

    def _end(self, error: Exception | None = None) -> None:
        with self._lock:
            if self.over.is_set():
                return
            turn = self.turn
            if error is not None:
                turn.trouble = trouble.of_error(error)
            else:
                ended = any(event.get("type") == "message_stop" for _, event in turn.events)
                turn.trouble = trouble.of_reply(ended, turn.stop_reason, turn.request["max_tokens"], turn.text)
            keeps = turn.text.strip() and turn.stop_reason != "refusal"
            turn.state = "complete" if turn.trouble is None else "stopped" if keeps else "failed"
            self._finish()

    def _finish(self) -> None:
        self.over.set()
        self.changed.set()
