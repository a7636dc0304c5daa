"""Every token of a case: how old it is, when it ends, when it was last used, and when to rotate it (SPEC K1).

Of a token no more is shown than its id, or the last four characters of its key. What nothing says stays open: a token
of unknown age is never called fresh.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from abm_trace.core import instants
from abm_trace.core.instants import SECOND
from abm_trace.core.nouns import Device, Fact, Origin, Reading

ROTATION_DAYS: Final = 30
"""A token is rotated when it is so old. Origin: guide (SPEC K1)."""

EXPIRY_DAYS: Final = 30
"""From so many days before its end on a token warns. Origin: ours, where the health score begins to fall (SPEC G3)."""

DAY: Final = 86_400 * SECOND

State = Literal["expired", "overdue", "expiring", "not_known", "good", "replaced"]
STATES: Final[tuple[State, ...]] = ("expired", "overdue", "expiring", "not_known", "good", "replaced")
"""Past its end; older than it may be; near its end; nothing says how old it is, or when it ends; neither; a newer one
of its server is there. The worst first."""

_SHOWN: Final = 4
_NAME_MAX: Final = 48
"""A longer id, or one that begins as signed tokens do, may be a secret in the wrong place."""

_SECRET: Final = ("eyJ", "-----", "AT_", "AS_", "CS_")
"""How JWTs, PEM and the secrets of a server token begin."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token; times are µs UTC, None where nothing says.

    `kind` is `abm` or `server`, or `certificate` for a client certificate, which is named by itself and stands in no
    case; `id` an ABM token's own, which is not shown, `name` what people see. `rotate_at` is the
    last moment to rotate it, not before the case's own time, None where there is nothing to rotate; `why` says why
    then. `key` is the same for the token that follows it, where that can be known.
    """

    kind: Literal["abm", "server", "certificate"]
    id: str
    name: str
    key: str
    region: str
    server: str
    state: State
    created_at: int | None
    expires_at: int | None
    last_used_at: int | None
    rotate_at: int | None
    why: str
    warnings: tuple[str, ...]
    evidence: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Servers:
    """What is known of the MDM servers: whose newest token stands where, and when each last synced (µs UTC)."""

    newest: Mapping[Origin, str]
    synced_at: Mapping[str, int]


def tokens(
    readings: Iterable[Reading],
    devices: Iterable[Device],
    servers: Servers,
    as_of: int,
    rotation: float = ROTATION_DAYS,
) -> list[Token]:
    """The tokens, those that must be rotated first on top. `as_of` is µs UTC, `rotation` in days."""
    told = _told(readings)
    found = [_token(facts, servers, as_of, rotation) for facts in told.values()]
    known = {fact.value for facts in told.values() for fact in facts if fact.kind == "token"}
    named = {name for device in devices if (name := device.attrs.get("token_id"))} - known
    found += [_unread(name) for name in named]
    end = instants.LAST
    return sorted(
        found,
        key=lambda each: (
            each.state == "replaced", end if each.rotate_at is None else each.rotate_at, STATES.index(each.state),
            end if each.expires_at is None else each.expires_at, each.kind, each.name, each.key,
        ),
    )  # fmt: skip


def _told(readings: Iterable[Reading]) -> Mapping[tuple[str, ...], list[Fact]]:
    """The facts of each token: those of an ABM token by its id, of a server's by server, key and end."""
    told: dict[tuple[str, ...], list[Fact]] = {}
    for reading in readings:
        for fact in reading.facts:
            if fact.kind == "token":
                told.setdefault(("abm", fact.value), []).append(fact)
            elif fact.kind == "server_token":
                server = fact.attrs.get("server") or fact.origin.path
                told.setdefault(("server", server, fact.value, fact.attrs.get("expires_at", "")), []).append(fact)
    return told


def _token(facts: list[Fact], servers: Servers, as_of: int, rotation: float) -> Token:
    """One token of all that is said of it; of a time that differs the latest counts."""
    first = facts[0]
    newest = next((servers.newest[each.origin] for each in facts if each.origin in servers.newest), "")
    server = newest or first.attrs.get("server", "")
    created_at, expires_at, used_at = (_latest(facts, name) for name in ("created_at", "expires_at", "last_used_at"))
    state, rotate_at, why, warnings = _judged(created_at, expires_at, as_of, rotation)
    kind: Literal["abm", "server"] = "abm"
    name, key = _safe(first.value), f"abm {first.value}"
    if first.kind == "server_token":
        kind, used_at = "server", servers.synced_at.get(server)
        name = f"{server or first.origin.path}{f' (…{first.value})' if first.value else ''}"
        key = f"server {server or first.origin.path}"
        if server and not newest and server in servers.newest.values():  # Those of no known server are all their own.
            state, rotate_at, why, warnings = "replaced", None, "a newer token of its server is there", ()
    region = next((region for each in facts if (region := each.attrs.get("region"))), "")
    evidence = tuple(dict.fromkeys(each.origin for each in facts))
    return Token(
        kind,
        first.value,
        name,
        key,
        region,
        server,
        state,
        created_at,
        expires_at,
        used_at,
        rotate_at,
        why,
        warnings,
        evidence,
    )


def _latest(facts: Iterable[Fact], name: str) -> int | None:
    return max((instants.parse(stamp) for each in facts if (stamp := each.attrs.get(name))), default=None)


def _judged(
    created_at: int | None, expires_at: int | None, as_of: int, rotation: float
) -> tuple[State, int | None, str, tuple[str, ...]]:
    """The state, when to rotate, why then, and what to warn of."""
    is_future = created_at is not None and created_at > as_of
    old_at = None if created_at is None or is_future else _later(created_at, rotation)
    early_at = None if expires_at is None else max(expires_at - EXPIRY_DAYS * DAY, instants.FIRST)
    warnings = []
    state: State = "good"
    if created_at is None or expires_at is None:
        state = "not_known"
        lacks = [what for at, what in ((created_at, "how old it is"), (expires_at, "when it expires")) if at is None]
        warnings.append(f"nothing says {' or '.join(lacks)}")
    if created_at is not None and is_future:
        state = "not_known"
        days = (created_at - as_of) / DAY
        warnings.append(f"it is said to have been made {days:.1f} days after this moment, which is no age")
    if early_at is not None and expires_at is not None and early_at <= as_of:
        gone = expires_at <= as_of
        days = abs(expires_at - as_of) / DAY
        state = "expired" if gone else "expiring"
        warnings.append(f"it expired {days:.1f} days ago" if gone else f"it expires in {days:.1f} days")
    if old_at is not None and created_at is not None and old_at <= as_of:
        state = "overdue" if state != "expired" else state
        warnings.append(f"it is {(as_of - created_at) / DAY:.1f} days old, rotation is due every {rotation:g}")
    unknown = f"nothing says how old it is, so at most {rotation:g} days from now"
    due = [(old_at, f"{rotation:g} days old") if old_at is not None else (_later(as_of, rotation), unknown)]
    due += [(early_at, f"{EXPIRY_DAYS} days before it expires")] if early_at is not None else []
    at, why = min(due)
    late = f"since {instants.render(at)}: " if at < as_of else ""
    return state, max(at, as_of), late + why, tuple(warnings)


def _later(at: int, days: float) -> int:
    return min(at + round(days * DAY), instants.LAST)


def _unread(name: str) -> Token:
    said = "the manifest names it, and no record of it was read"
    return Token(
        "abm", name, _safe(name), f"abm {name}", "", "", "not_known", None, None, None, None, said, (said,), ()
    )


def _safe(name: str) -> str:
    """An id as it may be shown: of one that may be a secret the last characters."""
    return f"…{name[-_SHOWN:]}" if len(name) > _NAME_MAX or name.startswith(_SECRET) else name
