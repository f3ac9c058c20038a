"""Server-sent events: bytes in, events out, however the bytes were cut.

The format is lines of `field: value`, and an empty line after each event:
https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Decoder:
    """Takes the bytes as they come and gives back the events that are whole."""

    def __init__(self) -> None:
        self._event = b""
        self._data: list[bytes] = []
        self._unfinished: list[bytes] = []  # pieces of a line whose end has not come
        self._skip_newline = False
        self._at_start = True

    def feed(self, chunk: bytes) -> list[tuple[bytes, bytes]]:
        """The events that end in this chunk: pairs of a name (it may be empty) and the data."""
        events = []
        for line in self._lines(chunk):
            field, _, value = line.partition(b":")
            if field == b"data":
                self._data.append(value.removeprefix(b" "))
            elif field == b"event":
                self._event = value.removeprefix(b" ")
            elif not line:
                if self._data:
                    events.append((self._event, b"\n".join(self._data)))
                self._event, self._data = b"", []
        return events

    def _lines(self, chunk: bytes) -> list[bytes]:
        """The lines that end in this chunk, without their ends: LF, CR, or CR and LF."""
        if self._skip_newline and chunk:  # the cut went between CR and LF
            chunk = chunk.removeprefix(b"\n")
            self._skip_newline = False
        if not chunk:
            return []
        self._skip_newline = chunk.endswith(b"\r")
        lines = chunk.splitlines()
        unfinished = [] if chunk.endswith((b"\n", b"\r")) else [lines.pop()]
        if lines and self._unfinished:
            lines[0] = b"".join([*self._unfinished, lines[0]])
            self._unfinished = []
        self._unfinished += unfinished
        if lines and self._at_start:
            lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
            self._at_start = False
        return lines
