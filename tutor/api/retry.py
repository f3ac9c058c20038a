"""Whether to send a request again, and when: arithmetic only, nobody waits here.

The policy is that of the official SDK: 408, 409, 429, every 5xx and a request without any answer are sent again,
two times at most, after what the server asked for, else after 0.5 s, 1 s, 2 s ... 8 s, shortened a little by chance.
"""

from collections.abc import Mapping

FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0
JITTER = 0.25
LONGEST_SLEEP = 4_294_967.0  # seconds; the longest that `time.sleep` takes on every platform


def should_retry(status: int | None, headers: Mapping[str, str]) -> bool:
    """Whether another try may help; `status` is None where no answer came.

    The server's own word, the header `x-should-retry`, wins over the status.
    """
    if status is None:
        return True
    asked = headers.get("x-should-retry")
    if asked in ("true", "false"):
        return asked == "true"
    return status in (408, 409, 429) or status >= 500


def wait_before(retry: int, headers: Mapping[str, str], *, now: float, chance: float) -> float:
    """Seconds to wait before retry 1, 2, ...: what the server asked, else doubling with jitter.

    `now` is the time as `time.time()` gives it, `chance` a number from 0 to 1 as `random.random()` gives it.
    Jitter only shortens: many clients that failed together should not come back together.
    """
    asked = asked_wait(headers, now=now)
    if asked is not None and asked > 0:
        return min(asked, LONGEST_SLEEP)
    doubled = min(FIRST_WAIT * 2.0 ** min(retry - 1, 1000), LONGEST_WAIT)
    return doubled * (1 - JITTER * chance)


def asked_wait(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds that the server asked to wait: `retry-after-ms`, else `retry-after` in seconds or as a date."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after")
    seconds = _number(asked)
    if seconds is not None or asked is None:
        return seconds
    from email.utils import mktime_tz, parsedate_tz

    try:
        date = parsedate_tz(asked)
        return None if date is None else mktime_tz(date) - now
    except (ValueError, OverflowError):  # the 32nd of January
        return None


def next_wait(
    sent: int, max_retries: int, status: int | None, headers: Mapping[str, str], *, now: float, chance: float
) -> float | None:
    """Seconds until the next try after `sent` tries, or None to give up."""
    if sent > max_retries or not should_retry(status, headers):
        return None
    return wait_before(sent, headers, now=now, chance=chance)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
