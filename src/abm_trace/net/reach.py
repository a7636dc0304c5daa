"""What reaching for somebody has in common: where they are, how long it may take, and why it came to nothing."""

import time
from typing import Final, Literal, NamedTuple

from abm_trace.core.errors import AbmTraceError

Why = Literal[
    "not_allowed", "no_name", "refused", "timeout", "reset", "closed", "no_tls", "alert", "untrusted", "proxy", "http"
]
"""How a connection ends early: we do not make it; its name is not known; nobody listens; nothing comes in time; it is
broken off or closed; what comes is no TLS; the server says no to TLS; its certificate does not hold; the proxy says no;
what comes is no HTTP."""


class ReachError(AbmTraceError):
    """Somebody could not be reached, or must not be. `why` is for programs, the message for people."""

    def __init__(self, message: str, why: Why, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.why: Final = why


class Place(NamedTuple):
    """A host and a port as the user named them."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def place(text: str, port: int) -> Place:
    """The place of `host`, `host:port`, `[2001:db8::1]:port`; `port` where none is named. Raises ReachError."""
    text = text.strip()
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        digits = rest[1:] if rest.startswith(":") else "" if bracket and not rest else "-"
    elif text.count(":") > 1:
        host, digits = text, ""
    else:
        host, colon, digits = text.partition(":")
        digits = digits or ("-" if colon else "")
    digits = digits or str(port)
    host = host.rstrip(".").lower()
    sound = host.isascii() and host.isprintable() and not set(host) & set(" /@\\%?#'\"")
    if not host or not sound or len(host) > 253 or not digits.isascii() or not digits.isdigit():
        raise ReachError(f"{text[:80]!r}: names no host", "no_name", hint="Example: eu-west.abm.apple.com:443")
    if not 0 < int(digits[:6]) < 2**16:
        raise ReachError(f"{text[:80]!r}: there is no such port", "no_name", hint="Ports are 1 to 65535.")
    return Place(host, int(digits))


class Deadline:
    """How long something may take in all, told by the monotonic clock: a clock that is set changes nothing."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._at = time.monotonic() + seconds

    def left_s(self, what: str) -> float:
        """The seconds that are left. Raises ReachError where none are."""
        left_s = self._at - time.monotonic()
        if left_s <= 0:
            raise self.over(what)
        return left_s

    def over(self, what: str) -> ReachError:
        """What to raise when `what` took too long."""
        return ReachError(f"{what} within {self.seconds:g} s", "timeout")
