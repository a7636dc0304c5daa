"""A time stamp over HTTP (RFC 3161, 3.4): the question to the authority that the user named, and its answer."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from abm_trace.core.errors import UsageError
from abm_trace.evidence import alone, stamp, stamping
from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.places import Places
from abm_trace.evidence.stamp import Stamp
from abm_trace.evidence.store import Writer
from abm_trace.net import http
from abm_trace.net.allow import Allow
from abm_trace.net.reach import place

_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_OK: Final = 200


class Asked(NamedTuple):
    """Whom to ask and how; `root` is the file with the authority's own certificate, `policy` an OID or ""."""

    url: str
    root: Path
    policy: str = ""
    trust: Path | None = None
    proxy: str | None = None
    loopback: bool = False
    seconds: float = 30.0


def stamped(places: Places, asked: Asked, now: Callable[[], int]) -> Stamp:
    """The stamp over the newest published checkpoint, verified and kept; `now` is asked when the answer is there.

    While the authority is asked the log is not held, so that others can write to it. What is refused leaves nothing
    behind. Raises AbmTraceError.
    """
    roots = alone.roots(asked.root)
    if not places.store.is_dir():
        raise UsageError(f"{places.store}: is no evidence log", hint="Name its folder.")
    checkpoint = stamping.newest(Folder(places.store))
    nonce = secrets.randbits(63)
    answer = _exchange(asked, stamp.question(checkpoint[1], nonce, asked.policy))
    found = stamp.parse(answer)
    stamp.answers(found, nonce, asked.policy)
    stamp.check(found, checkpoint[1], roots)
    with Writer(places) as writer:
        return stamping.keep(writer, answer, roots, now=now(), asked=checkpoint)


def _exchange(asked: Asked, question: bytes) -> bytes:
    """What the authority answers. Plain HTTP will do: the answer is signed. Raises ReachError, FormatError."""
    if "@" in asked.url:  # What refuses it elsewhere says it, password and all.
        raise UsageError("--url: has a name or password in it", hint="Leave it out: --url https://tsa.example/")
    goal = http.url(asked.url, plain=True)
    proxy = place(asked.proxy, 3128) if asked.proxy else None
    allow = Allow([goal.place.host, *([proxy.host] if proxy else [])], loopback=asked.loopback)
    trust = str(asked.trust) if asked.trust else None
    way = http.Way(trust, proxy=proxy, timeout_s=asked.seconds, bytes_max=stamp.ANSWER_BYTES_MAX)
    headers = {"Content-Type": _QUERY, "Accept": _REPLY}
    answer = http.ask(goal, allow, way, method="POST", headers=headers, body=question)
    if answer.status != _OK:
        redirect = " (a redirect, which is not followed)" if 300 <= answer.status < 400 else ""
        raise FormatError(
            f"{goal.place}: answers HTTP {answer.status}{redirect}, no time stamp", hint="Check the address: --url"
        )
    kind = answer.headers.get("content-type", "nothing").partition(";")[0].strip().lower()
    if kind != _REPLY:
        raise FormatError(f"{goal.place}: answers {kind[:80]!a}, and not {_REPLY}", hint="Check the address: --url")
    return answer.body
