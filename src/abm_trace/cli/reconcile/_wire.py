"""The reconciliation for programs: one JSON document, and a table of its devices."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from abm_trace.core.instants import render
from abm_trace.exports._interface import encode
from abm_trace.exports.csv import safe
from abm_trace.views.reconcile import Audit, Difference, Reconciliation, Row

COLUMNS: Final = ("comparison", "left", "right", "set", "serial", "site", "server", "reason")
"""The columns of the table; new ones come behind them."""


class RowObject(msgspec.Struct, frozen=True):
    """A device of a set, and the likely reason why it stands there."""

    serial: str
    site: str
    server: str
    reason: str


class SourceObject(msgspec.Struct, frozen=True):
    """What was read of a source."""

    id: str
    state: str
    devices: int
    until: str | None


class DifferenceObject(msgspec.Struct, frozen=True):
    """What one source says of a device and another one, which was read, does not."""

    id: str
    left: str
    right: str
    title: str
    count: int | None
    unread: str | None
    devices: list[RowObject]
    not_compared: list[RowObject]


class AuditObject(msgspec.Struct, frozen=True):
    """The audit's `device_enrollment_requested` against the MDM's rows that wait, made in the staging window."""

    unread: str | None
    window_from: str | None
    window_until: str | None
    requests: int
    both: int
    requested: list[RowObject]
    waiting: list[RowObject]
    undated: list[RowObject]


class ReconcileDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/reconcile/1"):
    """Who knows which device: the set differences of manifest, ABM, DEP and MDM, by name."""

    as_of: str
    simulated: bool
    devices: int
    differing: int
    sources: list[SourceObject]
    differences: list[DifferenceObject]
    audit_inventory: AuditObject


def document(found: Reconciliation, *, as_of: int, simulated: bool, devices: int) -> bytes:
    """The document, indented, with a newline at its end."""
    return encode(
        ReconcileDocument(
            as_of=render(as_of),
            simulated=simulated,
            devices=devices,
            differing=found.differing,
            sources=[SourceObject(each.id, each.state, each.devices, _stamp(each.until)) for each in found.sources],
            differences=[_difference(each) for each in found.differences],
            audit_inventory=_audit(found.audit),
        )
    )


def _difference(made: Difference) -> DifferenceObject:
    return DifferenceObject(
        made.id,
        made.left,
        made.right,
        made.title,
        None if made.unread else len(made.devices),
        made.unread or None,
        _rows(made.devices),
        _rows(made.not_compared),
    )


def _audit(audit: Audit) -> AuditObject:
    first, last = audit.window or (None, None)
    return AuditObject(
        audit.unread or None,
        _stamp(first),
        _stamp(last),
        audit.requests,
        audit.both,
        _rows(audit.requested),
        _rows(audit.waiting),
        _rows(audit.undated),
    )


def _rows(rows: Iterable[Row]) -> list[RowObject]:
    return [RowObject(row.serial, row.site, row.server, row.reason) for row in rows]


def _stamp(at: int | None) -> str | None:
    return None if at is None else render(at)


def table(found: Reconciliation) -> bytes:
    """A row a device and set, as safe for spreadsheets as the other table.

    `set` is `differs` or `not_compared`, `not_read` for a comparison that could not be made at all (then without a
    serial), and for audit ↔ inventory `requested`, `waiting` or `undated`.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([safe(cell) for cell in row] for row in _lines(found))
    return text.getvalue().encode()


def _lines(found: Reconciliation) -> Iterator[tuple[str, ...]]:
    for each in found.differences:
        name = (each.id, each.left, each.right)
        if each.unread:
            yield (*name, "not_read", "", "", "", each.unread)
        for kind, rows in (("differs", each.devices), ("not_compared", each.not_compared)):
            yield from ((*name, kind, row.serial, row.site, row.server, row.reason) for row in rows)
    audit = found.audit
    name = ("audit-inventory", "audit", "mdm")
    if audit.unread:
        yield (*name, "not_read", "", "", "", audit.unread)
    for kind, rows in (("requested", audit.requested), ("waiting", audit.waiting), ("undated", audit.undated)):
        yield from ((*name, kind, row.serial, row.site, row.server, row.reason) for row in rows)
