"""The world that all servers tell of: the devices of one rollout, at the instant of the world's clock.

Listings hold the very records that `abm-lab case` writes with the same arguments, so that whoever fetches
everything at the end holds the same evidence.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from abm_lab.apple import dep, org, products
from abm_lab.apple.pieces import Piece
from abm_lab.apple.server import TROUBLE_BEFORE, Server
from abm_lab.apple.story import AppleStory
from abm_lab.apple.unit import Unit
from abm_lab.moments import HOUR, from_datetime
from abm_lab.records import Inventoried, Lifecycle, RegistrationStatus
from abm_lab.rollout import Plan, Rollout
from abm_lab.serve.clock import Clock
from abm_lab.story import Story
from abm_lab.truth import DeviceTruth

# What a running world has told is kept so often for each listing; what is asked again later is made again.
_SNAPSHOTS = 3
_RECOVERS_AFTER = 30 * HOUR
_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a listing: its device, since when the source shows it (microseconds UTC), and its JSON."""

    serial: str
    at: int
    content: bytes


class World:
    """One rollout with its truth, told as at `clock`."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self.plan = plan
        self.clock = clock
        self.rollout = Rollout(plan)
        self.servers = {server.name: server for server in plan.scenario.servers}
        self.truths: dict[str, DeviceTruth] = {}
        self.units: dict[str, Unit] = {}
        self.audit: defaultdict[str, list[Row]] = defaultdict(list)
        """Audit events of the guide's ABM by region, in order of time."""
        self.registered: defaultdict[str, list[Row]] = defaultdict(list)
        """Rows of the guide's device list by region, in order of time."""
        self.lifecycles: dict[str, tuple[str, Row]] = {}
        """Region and lifecycle by serial and by device id."""
        self.boots: list[tuple[int, int]] = []
        """First instant of each device that kept a log, and its index, in order of time."""
        self._inventory: list[tuple[int, int, Inventoried]] = []
        self._snapshots: defaultdict[str, dict[int, dict[str, list[Row]]]] = defaultdict(dict)
        self._serials: dict[str, str] = {}
        for index in range(len(plan.assignment)):
            self._add(index)
        for rows in (*self.audit.values(), *self.registered.values()):
            rows.sort(key=_instant)
        self._inventory.sort(key=lambda entry: entry[:2])
        self.boots.sort()

    # The guide's dialect

    def inventory(self, at: int) -> list[Row]:
        """What the guide's MDM holds: a record is made first, and completed by the enrolment."""

        def make(at: int) -> dict[str, list[Row]]:
            rows = []
            for created_at, enrolled_at, record in self._inventory:
                if created_at > at:
                    break
                known = record if enrolled_at <= at else _bare(record)
                rows.append(Row(record.serial_number, created_at, _encode(known)))
            return {"": rows}

        return self._snapshot("inventory", at, make)[""]

    # Apple's dialect: a source may lag behind, as the scenario's coverage says

    def org(self, at: int) -> dict[str, list[Row]]:
        """ABM's listings by name: `org-devices`, `audit-events`, and the devices of each server by its id."""

        def make(at: int) -> dict[str, list[Row]]:
            rows = _gathered((unit, org.pieces(unit, at)) for unit in self.units.values())
            rows["audit-events"] = sorted((_dated(row) for row in rows["audit-events"]), key=_instant)
            for server in self.servers.values():
                rows[server.id] = []
            for serial, unit in self.units.items():
                if org.is_assigned(unit, at):
                    rows[unit.server.id].append(Row(serial, at, _encode({"type": "orgDevices", "id": serial})))
            return rows

        return self._snapshot("org", at, make)

    def dep_until(self) -> int:
        """How far the enrolment service tells at this instant."""
        return self.clock.now() - self.plan.scenario.coverage.dep * HOUR

    def mdm_until(self) -> int:
        """How far the servers' products tell at this instant."""
        return self.clock.now() - self.plan.scenario.coverage.mdm * HOUR

    def dep_devices(self, server: Server, until: int) -> list[Row]:
        """What a fetch at that instant lists."""

        def make(at: int) -> dict[str, list[Row]]:
            units = (unit for unit in self._units_of(server) if unit.listed(at))
            rows = [Row(unit.device.serial, at, _encode(dep.device_record(unit, unit.status(at)))) for unit in units]
            return {"": rows}

        return self._snapshot(f"dep {server.name}", until, make)[""]

    def dep_changes(self, server: Server, since: int, until: int) -> list[Row]:
        """What a sync brings that has seen everything up to `since`, in order of time."""

        def make(at: int) -> dict[str, list[Row]]:
            rows = [
                Row(unit.device.serial, op_at, _encode(dep.device_record(unit, status, op_type, op_at)))
                for unit in self._units_of(server)
                if unit.profile not in {"unsynced", "throttled"}
                for op_type, op_at, status in dep.changes(unit, at)
            ]
            return {"": sorted(rows, key=_instant)}

        rows = self._snapshot(f"sync {server.name}", until, make)[""]
        return rows[bisect_right(rows, since, key=_instant) :]

    def mdm(self, server: Server, until: int) -> dict[str, list[Row]]:
        """The listings of a server's product by name, for instance `hosts`."""

        def make(at: int) -> dict[str, list[Row]]:
            told = products.discover()[server.product]
            return _gathered((unit, told(unit, at)) for unit in self._units_of(server))

        return self._snapshot(f"mdm {server.name}", until, make)

    def ails(self, server: Server) -> str:
        """What the server's syncer meets at this instant: `terms`, `token`, `cursor`, or nothing."""
        now = self.clock.now()
        starts_at, _, as_of = self.rollout.span
        if server.trouble == "recovered":
            return "terms" if now < starts_at + _RECOVERS_AFTER else ""
        return server.trouble if now >= as_of - TROUBLE_BEFORE else ""

    def serial(self, text: str) -> str | None:
        """The device that a serial or a device id means, however it is spelled."""
        return self._serials.get(_fold(text))

    def _units_of(self, server: Server) -> Iterable[Unit]:
        return (unit for unit in self.units.values() if unit.server is server and unit.org != "absent")

    def _snapshot(self, name: str, at: int, make: Callable[[int], dict[str, list[Row]]]) -> dict[str, list[Row]]:
        """Listings as at an instant; a client pages through one snapshot while the world goes on."""
        kept = self._snapshots[name]
        if at not in kept:
            kept[at] = make(at)
            if len(kept) > _SNAPSHOTS:
                kept.pop(next(iter(kept)))
        return kept[at]

    def _add(self, index: int) -> None:
        told = self.rollout.tell(index)
        story, serial = told.story, told.story.device.serial
        self.truths[serial] = told.truth()
        self._serials[_fold(serial)] = self._serials[_fold(f"S{serial}")] = serial
        if told.logged and story.captures:
            self.boots.append((story.captures[0].boot_at, index))
        if isinstance(story, AppleStory):
            self.units[serial] = story.unit
        else:
            self._add_guide(story, serial)

    def _add_guide(self, story: Story, serial: str) -> None:
        self._serials[_fold(story.device_id)] = serial
        for event in story.audit:
            self.audit[event.region].append(Row(serial, _parsed(event.occurred_at), _encode(event)))
        lifecycle, region = story.lifecycle, story.device.site.region
        if story.listed is not None:
            since = story.listed.status_since
            self.registered[region].append(Row(serial, _parsed(since), _encode(story.listed)))
            status = RegistrationStatus(story.listed.status, None, since)
            lifecycle = lifecycle or Lifecycle(story.device_id, story.listed.serial_number, status)
        if lifecycle is not None:
            row = Row(serial, _parsed(lifecycle.registration_status.timestamp), _encode(lifecycle))
            self.lifecycles[serial] = region, row
        record = story.inventoried
        if record is not None:
            enrolled_at = record.enrolled_at or record.created_at
            self._inventory.append((_parsed(record.created_at), _parsed(enrolled_at), record))


def between(rows: list[Row], since: int, until: int) -> list[Row]:
    """Of rows in order of time those from `since` to `until`, both included."""
    return rows[bisect_right(rows, since - 1, key=_instant) : bisect_right(rows, until, key=_instant)]


def _instant(row: Row) -> int:
    return row.at


def _parsed(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text))


def _bare(record: Inventoried) -> Inventoried:
    return msgspec.structs.replace(
        record, enrolled_at=None, enrollment_method=None, abm_token_id=None, supervised=False
    )


def _fold(text: str) -> str:
    """A serial without what people and scanners get wrong in it."""
    return text.strip().upper().replace("O", "0").replace("I", "1")


def _gathered(told: Iterable[tuple[Unit, Iterable[Piece]]]) -> defaultdict[str, list[Row]]:
    """Records by the name of their listing: the last part of their path."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for unit, pieces in told:
        for piece in pieces:
            rows[piece.path.rpartition("/")[2]].append(Row(unit.device.serial, 0, piece.content))
    return rows


class _Dated(msgspec.Struct):
    class Attributes(msgspec.Struct):
        at: str = msgspec.field(name="eventDateTime")

    attributes: Attributes


def _dated(row: Row) -> Row:
    event = msgspec.json.decode(row.content, type=_Dated)
    return Row(row.serial, _parsed(event.attributes.at), row.content)
