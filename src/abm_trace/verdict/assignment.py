"""Where a device stands in the organisation: in it or released, assigned or not, and what DEP says of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from abm_trace.core.instants import ALWAYS, NEVER
from abm_trace.core.nouns import Fact


class Assignment(msgspec.Struct, frozen=True):
    """The standing statements about a device, of which the latest wins.

    `released` and `unassigned` are the facts that say so if they are the last word, `row` the organisation's own row
    that says ASSIGNED if that is; `record` is the last DEP record, `server` the name of the MDM server that the device
    is assigned to ("" if none is known), and `synced` what that server, or one without a name, knows of the device.
    """

    released: Fact | None = None
    unassigned: Fact | None = None
    row: Fact | None = None
    record: Fact | None = None
    server: str = ""
    synced: tuple[Fact, ...] = ()
    listed: bool = False


_NOTHING: Final = Assignment()


def of(kinds: Mapping[str, Sequence[Fact]]) -> Assignment:
    """The assignment that a device's facts, by kind, come to.

    A row of the organisation without a time is its state at the export, so the last word; a DEP record without a time
    is an MDM server's copy, which may be old.
    """
    if not any(kind in kinds for kind in ("dep_record", "assigned", "unassigned", "released")):
        return _NOTHING
    records = kinds.get("dep_record", ())
    rows = [fact for fact in kinds.get("assigned", ()) if fact.source != "dep"]
    record = _latest(records, NEVER)
    unassigned = _lost(rows, kinds.get("unassigned", ()), records)
    released = _latest(kinds.get("released", ()), ALWAYS)
    added = [fact for fact in kinds.get("known", ()) if fact.source in {"abm", "audit"}]
    added += [fact for fact in rows if fact.source == "abm"]  # Who left the organisation has no row in its list.
    if released and any(_at(fact, NEVER) > _at(released, ALWAYS) for fact in added):
        released = None
    server = "" if unassigned or released else _server(rows, records)
    row = _latest([fact for fact in rows if fact.source == "abm"], ALWAYS)
    synced = (*kinds.get("synced", ()), *(fact for fact in records if fact.value != "deleted"))
    return Assignment(
        released=released,
        unassigned=unassigned,
        row=None if unassigned or released else row,
        record=record,
        server=server,
        synced=tuple(each for each in synced if not server or each.attrs.get("server", server) == server),
        listed=True,
    )


def _lost(rows: Iterable[Fact], unassigned: Iterable[Fact], records: Iterable[Fact]) -> Fact | None:
    """What took the device's last assignment away, if nothing gave it another.

    The organisation unassigns from any server; a server that deletes the device speaks of itself alone.
    """
    told = sorted(
        (
            *((_at(fact, ALWAYS), True, fact) for fact in rows),
            *((_at(fact, ALWAYS), False, fact) for fact in unassigned),
            *((_at(fact, NEVER), fact.value != "deleted", fact) for fact in records),
        ),
        key=lambda each: (each[0], each[1], _words(each[2])),
    )
    current: str | None = None  # A device has one server; "" is one whose name is not told.
    lost = None
    for _, assigned, fact in told:
        server = fact.attrs.get("server", "")
        if assigned:
            current = server
        elif fact.source != "dep" or not server or current in {server, "", None}:
            current, lost = None, fact
    return lost if current is None else None


def _server(rows: Iterable[Fact], records: Iterable[Fact]) -> str:
    """The server that the last assignment names; a row without a time goes last, a record without one first."""
    named = [
        *((_at(fact, ALWAYS), name) for fact in rows if (name := fact.attrs.get("server"))),
        *(
            (_at(fact, NEVER), name)
            for fact in records
            if fact.value != "deleted" and (name := fact.attrs.get("server"))
        ),
    ]
    return max(named, default=(0, ""))[1]


def _latest(facts: Iterable[Fact], undated: int) -> Fact | None:
    key: Callable[[Fact], tuple[int, tuple[str, ...]]] = lambda fact: (_at(fact, undated), _words(fact))  # noqa: E731
    return max(facts, key=key, default=None)


def _at(fact: Fact, undated: int) -> int:
    return undated if fact.at is None else fact.at


def _words(fact: Fact) -> tuple[str, ...]:
    """What decides between statements of the same time, whatever their order."""
    return (fact.value, fact.source, *(part for item in sorted(fact.attrs.items()) for part in item))
