"""What a rule about payloads is, what it finds, and what it may ask for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from abm_trace.checks.payload.document import Document, Trust
from abm_trace.core.instants import to_datetime
from abm_trace.core.nouns import Finding, Origin

SEVERITIES: Final = ("error", "warning", "note")
"""The worst first. An error stops an enrolment, a warning may, a note is said once and stops nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule looks for, on whose word, and what to do where it finds something.

    `layer` and `cause` are what a finding proves of the devices that get such a payload, "" where it proves nothing.
    `bad` and `good` are keys that are laid over a sound payload of the `kind` (docs/validate.md): tests run them, and
    the first bad one is shown to people. `find` gives what it finds in a payload, nothing where others tell it.
    """

    id: str
    title: str
    severity: str
    source: str
    means: str
    do: str
    layer: str = ""
    cause: str = ""
    kind: str = "profile"
    bad: tuple[Mapping[str, object], ...] = ()
    good: tuple[Mapping[str, object], ...] = ()
    find: "Callable[[Document, Asked], Iterable[Complaint]]" = lambda _document, _asked: ()


class Complaint(msgspec.Struct, frozen=True):
    """What a rule found: where (key path, line), in words, and how bad it is if not as bad as the rule says."""

    key: str
    text: str
    line: int | None = None
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a payload is held against.

    `as_of` is µs UTC; `region` the token's, "" where none was named; `trust` the certificates that a chain must end
    at, None where there are none. `strict_trust` says that they were named for this, and are not merely this
    computer's own; `signed` that a payload must be signed, soundly and by somebody trusted; `endpoints` that the
    servers which it names are wanted, too.
    """

    as_of: int
    region: str = ""
    trust: Trust | None = None
    strict_trust: bool = False
    signed: bool = False
    endpoints: bool = False

    @property
    def now(self) -> datetime:
        """`as_of` as a time of the calendar, which certificates have."""
        return to_datetime(self.as_of)


class Hit(msgspec.Struct, frozen=True):
    """A finding and the key path at which it stands, "" for the payload as a whole."""

    finding: Finding
    key: str


class Endpoint(msgspec.Struct, frozen=True):
    """An address (https) that a payload sends devices to, and the key path and place that name it.

    `brought` are certificates (DER or PEM, unread) that the payload brings, by which a device trusts its servers.
    """

    url: str
    key: str
    origin: Origin
    brought: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A payload that was looked at: what it is (`profile`, `dep-profile`), how it is written, and what was found.

    `endpoints` are the servers that it names, where they were asked for.
    """

    path: str
    kind: str
    form: str
    hits: tuple[Hit, ...] = field(default=())
    endpoints: tuple[Endpoint, ...] = ()
