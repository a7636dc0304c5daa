"""Which devices of a log prepare for enrolment and have not registered yet, and for how long (SPEC G6).

The time is that of the arrival, on the monotonic clock: neither the device's clock nor ours can shorten or stretch it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from functools import cache
from types import ModuleType
from typing import Final

import msgspec

from abm_trace import formats, signatures
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import HEAD_BYTES, Head
from abm_trace.formats.logs._interface import Stamps
from abm_trace.identity import canonical
from abm_trace.identity.serials import looks_like_serial
from abm_trace.pipeline.capture import Capture
from abm_trace.pipeline.isolate import isolated
from abm_trace.signatures.scan import LINE_BYTES_MAX, Scanner

BEGINS: Final = "preparing"
REACHED: Final = frozenset({"registered", "profile", "enrolled"})
"""Facts of a log that say that Apple registered the device, or that what comes after it happened."""

_NAMES: Final = ("serial", "udid", "host")


class Wait(msgspec.Struct):
    """A device that has prepared: how its log names it, since when (monotonic seconds), and what its own clock said.

    `registered_s` is how long it took to register, None while it has not; `prepared` is how often it prepared.
    """

    log: str
    names: dict[str, str]
    since: float
    at: int | None
    registered_s: float | None = None
    prepared: int = 1

    @property
    def device(self) -> str:
        """The device's serial, else its UDID, "" where the log does not say."""
        return _device_of(self.names)

    def may_be(self, names: Mapping[str, str]) -> bool:
        """Whether no name tells the two apart."""
        return all(canonical(self.names[key]) == canonical(names[key]) for key in self.names.keys() & names.keys())


def _device_of(names: Mapping[str, str]) -> str:
    """The serial or UDID among the names; a host is one where it looks like a serial."""
    host = names.get("host", "")
    return names.get("serial") or names.get("udid") or (host if looks_like_serial(host) else "")


_Key = tuple[str, ...]
"""What names a device, each name canonical, in the order of the names."""


def _key(names: Mapping[str, str]) -> tuple[_Key, _Key]:
    """Which names there are, and what they are."""
    kinds = tuple(sorted(names))
    return kinds, tuple(canonical(names[kind]) for kind in kinds)


class Waits:
    """The devices that wait, over all logs. `called` names the device of a log whose lines do not."""

    def __init__(self, called: Mapping[str, str] | None = None) -> None:
        self.called = dict(called or {})
        self.all: list[Wait] = []
        self.problems: list[str] = []
        self._lines: dict[str, _Lines] = {}
        # Those that wait, so that each is found at once: a log may name ten thousand, and every line of it is asked.
        self._open: dict[str, dict[_Key, dict[_Key, Wait]]] = {}
        self._of: dict[str, dict[str, Wait]] = {}

    @property
    def waiting(self) -> list[Wait]:
        """Those that have not registered."""
        return [wait for wait in self.all if wait.registered_s is None]

    def silent(self, now: float, limit_s: float) -> list[Wait]:
        """Those that have waited for as long as the limit."""
        return [wait for wait in self.waiting if now - wait.since >= limit_s]

    def take(self, log: str, data: bytes, now: float) -> list[Wait]:
        """Look at what came in of a log at the monotonic time `now`; the waits that it began or ended."""
        lines = self._lines.setdefault(log, _Lines(log))
        changed = {id(wait): wait for fact in lines.facts(data) for wait in self._changed(log, fact, now)}
        if lines.problem and lines.problem not in self.problems:
            self.problems.append(lines.problem)
        return list(changed.values())

    def end(self, now: float) -> None:
        """Look at the last lines too, which nothing ended."""
        for log in list(self._lines):
            self.take(log, b"\n", now)

    def _changed(self, log: str, fact: Fact, now: float) -> list[Wait]:
        names = {key: value for key, value in fact.attrs.items() if key in _NAMES}
        if log in self.called and not _device_of(names):
            names["serial"] = self.called[log]
        kinds, values = _key(names)
        open_ = self._open.setdefault(log, {})
        if fact.kind == BEGINS:
            if again := open_.get(kinds, {}).get(values):
                again.prepared += 1  # It counts from the first one: to try again and again is to be silent.
                return []
            self.all.append(wait := Wait(log, names, now, fact.at))
            open_.setdefault(kinds, {})[values] = wait
            self._of.setdefault(canonical(wait.device), {})[log] = wait
            return [wait]
        mine = [wait for kinds, waits in open_.items() for wait in _alike(kinds, waits, names)]
        if len(mine) > 1:  # A line that names no device belongs to nobody where several wait (CASE.md).
            mine = [wait for wait in mine if wait.names.keys() & names.keys() and _device_of(names)]
        device = canonical(_device_of(names))
        mine += [wait for place, wait in self._of.get(device, {}).items() if device and place != log]
        for wait in mine:
            wait.registered_s = now - wait.since
            kinds, values = _key(wait.names)
            del self._open[wait.log][kinds][values]
            self._of.get(canonical(wait.device), {}).pop(wait.log, None)
        return mine


def _alike(kinds: _Key, waits: Mapping[_Key, Wait], names: Mapping[str, str]) -> Iterable[Wait]:
    """Of waits that have these names those that may be the device."""
    if not names.keys() >= set(kinds):
        return [wait for wait in waits.values() if wait.may_be(names)]
    found = waits.get(tuple(canonical(names[kind]) for kind in kinds))
    return [] if found is None else [found]


class _Lines:
    """One log as it comes in: its whole lines, its format, and what the signatures see."""

    def __init__(self, log: str) -> None:
        self.problem = ""
        self._log = log
        self._rest = b""
        self._unknown = b""
        self._found: formats.Recognised | None = None

    def facts(self, data: bytes) -> Sequence[Fact]:
        """What the lines that this piece completes say; a line longer than a scan reads is looked at as it is."""
        data = self._rest + data
        cut = data.rfind(b"\n") + 1
        if not cut and len(data) > LINE_BYTES_MAX:
            cut = len(data)
        self._rest = data[cut:]
        if not cut:
            return ()
        lines = self._unknown + data[:cut]
        if self._found is None:
            found = formats.recognise(Head(self._log, lines[-HEAD_BYTES:], whole=False))
            if found is None or found.family != "log":
                self._unknown = lines[-HEAD_BYTES:]
                return ()
            self._found = found  # Lines of another log format in between are read too.
        self._unknown = b""
        module = self._found.module
        capture = isolated(self._log, lambda: _seen(self._log, module, lines))
        if isinstance(capture, Skipped):
            self.problem = f"{self._log}: {capture.reason}"
            return ()
        if capture.skipped:
            self.problem = f"{self._log}: {capture.skipped[0].reason}"
        return signatures.facts(capture.sightings, _rules(), self._log)


@cache
def _rules() -> dict[str, signatures.Signature]:
    """The signatures that begin a wait or end one."""
    every, _ = signatures.load()
    return {rule.id: rule for rule in every if rule.fact == BEGINS or rule.fact in REACHED}


@cache
def _scanner() -> Scanner:
    return Scanner(tuple(_rules().values()))


def _seen(log: str, module: ModuleType, lines: bytes) -> Capture:
    capture = Capture(log, module, Stamps(UTC), _scanner())
    capture.block(bytearray(lines), len(lines), last=True)
    return capture
