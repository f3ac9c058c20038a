"""The bytes of a reply that is still coming, and the way to stop them at once.

This is the one module that knows of sockets and threads: Stop is pressed in one thread while another waits for bytes.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from tutor.api.errors import APIConnectionError, Response
from tutor.api.messages import Sent

TIME_TO_END = 0.5  # seconds that a connection gets to end a reply whose message is complete


class Body:
    """Bytes as they come. One thread reads; any thread may close."""

    def __init__(
        self,
        chunks: Iterator[bytes],
        close: Callable[[], None],
        connection: socket.socket | None,
        response: Response,
        sent: Sent,
        hide: Callable[[str], str],
    ) -> None:
        self.response = response
        self.sent = sent
        self.hide = hide
        self.turn = threading.RLock()  # for who reads: several threads may share a stream, one event at a time
        self.closed = False
        self._chunks = chunks
        self._close = close
        self._connection = connection
        self._reading = threading.RLock()

    def read(self) -> bytes | None:
        """The next bytes, or None at the end. Raises an APIConnectionError where the connection breaks."""
        with self._reading:
            try:
                chunk = None if self.closed else next(self._chunks, None)
            except APIConnectionError:
                if not self.closed:
                    raise
            return None if self.closed else chunk  # what breaks because it was closed just ends

    def finish(self) -> None:
        """Lets the connection serve again if the reply ends soon after its message, else closes it."""
        watch = threading.Timer(TIME_TO_END, self.close)
        watch.daemon = True
        watch.start()
        with suppress(APIConnectionError):  # the message is whole, whatever happens now
            while self.read() is not None:
                pass
        watch.cancel()

    def close(self) -> None:
        """Ends the reply at once, also while another thread waits in `read`, which then returns None."""
        self.closed = True
        if not self._reading.acquire(blocking=False):
            self._wake()
            if not self._reading.acquire(timeout=1):
                return  # a transport without a socket to wake: whoever drops the stream closes it
        try:
            self._close()
        finally:
            self._reading.release()

    def _wake(self) -> None:
        """Ends the wait for bytes. Closing a socket does not do that, shutting it down does."""
        if self._connection is not None:
            with suppress(OSError):  # the other side may have gone already
                # The socket's own shutdown, since that of TLS would say goodbye first, and wait.
                socket.socket.shutdown(self._connection, socket.SHUT_RDWR)
