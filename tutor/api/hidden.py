"""Credentials: named here once, and kept out of everything that is shown, also where a server repeats them."""

from __future__ import annotations

import json
from collections.abc import Mapping

HIDDEN = "[hidden]"
CREDENTIALS = ("authorization", "x-api-key", "proxy-authorization", "cookie")
SHORTEST = 8  # letters; anything shorter is a word that may stand in any text


def without_credentials(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request as anybody may see them."""
    return {name: HIDDEN if name.lower() in CREDENTIALS else value for name, value in headers.items()}


class Secrets:
    """What a request was signed with. Called with a text, it gives the text without that."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        sent = (value.removeprefix("Bearer ").strip() for name, value in headers.items() if name in CREDENTIALS)
        self._words = [word for word in sent if len(word) >= SHORTEST]

    def __call__(self, text: str) -> str:
        for word in self._words:
            text = text.replace(word, HIDDEN)
        if "\\u" in text:  # JSON can spell every letter in two ways
            try:
                plain = json.dumps(json.loads(text), ensure_ascii=False)
            except (ValueError, RecursionError):
                return text
            if any(word in plain for word in self._words):
                return self(plain)
        return text

    def stands_in(self, headers: Mapping[str, str]) -> bool:
        """Whether a header of the reply repeats it."""
        return any(word in value for word in self._words for value in headers.values())
