"""What do the failed share, and the healthy do not? Column by column, with intervals (SPEC T17; docs/contrast.md).

The failed are compared with the confirmed; what is not decided is left out. A condition says that a column has a value,
or that the device booted after a time. Conditions are added one by one, each time the one that tells failed and healthy
apart best, as long as it does so clearly: its gain is large and could hardly come by chance, corrected for everything
that was looked at.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from math import sqrt
from typing import Final, NamedTuple

from abm_trace.core import chance
from abm_trace.core.instants import local, to_datetime
from abm_trace.core.nouns import FAILED, Device, Verdict

HEALTHY: Final = "confirmed"
COLUMNS: Final = (
    "model", "os_version", "build", "model_number", "server", "profile_uuid", "token_id", "region", "site",
    "staging_host", "endpoint",
)  # fmt: skip
"""The columns that are named first where several tell the same; the manifest's other columns follow by name."""

_IDENTITIES: Final = frozenset(
    {
        "serial", "serial_number", "udid", "io_platform_uuid", "secure_rom_uuid", "staged_at", "device_id", "mdm_id",
        "device_identifier", "request_id", "imei", "meid", "eid", "ecid", "asset_tag", "name", "device_name",
        "wifi_mac", "bluetooth_mac", "ethernet_mac",
    }
)  # fmt: skip
FROM_FACTS: Final = frozenset({"model", "os_version", "build", "server", "profile_uuid", "endpoint"})
_DEVICES_MIN: Final = 5
"""Below so many failed or healthy devices nothing is said. Origin: ours."""

_FIRST_GAIN_MIN: Final = 0.3
_NEXT_GAIN_MIN: Final = 0.05
"""By how much a condition must tell the two apart, as difference of their shares. Origin: ours."""

_SHARE_MIN: Final = 0.7
"""How much of one layer's devices must share it to be worth a sentence of its own. Origin: ours."""

_CHANCE_MAX: Final = 0.01
"""How likely it may be to find such a condition by chance, with all that was looked at. Origin: ours."""

_CONDITIONS_MAX: Final = 4
_Z: Final = 1.959964
AFTER: Final = "booted after"


@dataclass(frozen=True, slots=True)
class Row:
    """A device as the contrast sees it: failed or healthy, its columns, and when it booted (µs UTC)."""

    failed: bool
    values: Mapping[str, str]
    booted_at: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A column and its value, or `booted after` and the time in µs UTC as text."""

    column: str
    value: str


class Numbers(NamedTuple):
    """Of how many of the failed, and of how many of the healthy, something holds."""

    failed: int
    failed_of: int
    healthy: int
    healthy_of: int

    @property
    def gain(self) -> float:
        """The difference of the two shares."""
        return self.failed / self.failed_of - self.healthy / self.healthy_of

    @property
    def others(self) -> int:
        """The devices of which it does not hold."""
        return self.failed_of - self.failed + self.healthy_of - self.healthy


@dataclass(frozen=True, slots=True)
class Share:
    """A condition with its numbers.

    `low` and `high` bound the difference of the shares (95 %, Newcombe); `chance` is how likely it would come by
    chance, corrected for all that was looked at.
    """

    condition: Condition
    numbers: Numbers
    low: float
    high: float
    chance: float


@dataclass(frozen=True, slots=True)
class Contrast:
    """The conditions together, in the order in which they were found, with their numbers; and each column's best."""

    conditions: tuple[Condition, ...]
    numbers: Numbers
    columns: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """What the devices of a layer and cause share, or what all the failed do (`overall`)."""

    layer: str
    cause: str
    contrast: Contrast
    overall: bool = False


def comparable(verdict: Verdict, reach: int | None) -> bool:
    """Whether a device may be compared: it failed or is healthy, and could have been seen to be either.

    A device that was due beyond `reach` (µs UTC, how far every side was read; None: to the end) could only ever look
    as if it had failed, so that whatever sets its hour apart would be taken for a cause.
    """
    if verdict.verdict not in FAILED:
        return verdict.verdict == HEALTHY
    late = reach is not None and verdict.deadline_at is not None and verdict.deadline_at > reach
    return not (late and _unread(verdict))


def compared(verdicts: Iterable[Verdict], devices: Iterable[Device], reach: int | None) -> list[tuple[Verdict, Row]]:
    """The devices that may be compared, without the failed of an MDM server of which a side was never read.

    None of those could be confirmed, so that their server would be no more than the name of what was not read.
    """
    same: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}  # Of very many devices most values are equal.
    found = []
    for verdict, device in zip(verdicts, devices, strict=True):
        if comparable(verdict, reach):
            values = _values(device)
            values = same.setdefault(tuple(values.items()), values)
            # Where a side of it was not read, its hour says nothing.
            row = Row(verdict.verdict in FAILED, values, None if _unread(verdict) else _booted_at(device))
            found.append((verdict, row, server(device)))
    read = {name for verdict, _, name in found if verdict.verdict == HEALTHY} | {""}
    return [(verdict, row) for verdict, row, name in found if not _unread(verdict) or name in read]


def left_out(verdicts: Sequence[Verdict], devices: Sequence[Device], reach: int | None) -> int:
    """How many of the failed are not compared."""
    failed = sum(verdict.verdict in FAILED for verdict in verdicts)
    if not any(_unread(verdict) for verdict in verdicts if verdict.verdict in FAILED):
        return 0
    return failed - sum(verdict.verdict in FAILED for verdict, _ in compared(verdicts, devices, reach))


def _unread(verdict: Verdict) -> bool:
    """Whether a side of the device was not read far enough; of the half confirmed the missing side was."""
    return bool(verdict.missing) and verdict.verdict != "half_confirmed"


def server(device: Device) -> str:
    """The MDM server of a device, "" where nothing names it."""
    own = device.attrs.get("server", "")
    return own or next((name for fact in device.facts if (name := fact.attrs.get("server"))), "")


def _values(device: Device) -> Mapping[str, str]:
    values = {column: value for column, value in device.attrs.items() if value and column not in _IDENTITIES}
    for fact in device.facts:
        if fact.attrs:  # Most have none.
            for column in FROM_FACTS & fact.attrs.keys():
                values.setdefault(column, fact.attrs[column])
    return values


def _booted_at(device: Device) -> int | None:
    return max((fact.at for fact in device.facts if fact.kind == "booted" and fact.at is not None), default=None)


class _Group:
    """Rows of one kind, with their values counted once."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._counts: dict[str, Counter[str]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def counts(self, column: str) -> Counter[str]:
        """How often each value of a column stands here."""
        if column not in self._counts:
            self._counts[column] = Counter(value for row in self.rows if (value := row.values.get(column)))
        return self._counts[column]

    @cached_property
    def boots(self) -> list[int]:
        """The times of the boots, in order."""
        return sorted(row.booted_at for row in self.rows if row.booted_at is not None)

    def holding(self, condition: Condition) -> "_Group":
        """The rows for which a condition holds."""
        if condition.column == AFTER:
            at = int(condition.value)
            return _Group([row for row in self.rows if row.booted_at is not None and row.booted_at >= at])
        return _Group([row for row in self.rows if row.values.get(condition.column) == condition.value])


def contrast(found: Sequence[Row]) -> Contrast | None:
    """What the failed rows share; None where nothing tells them apart from the healthy, or there are too few."""
    failed, healthy = _Group([row for row in found if row.failed]), _Group([row for row in found if not row.failed])
    return _contrast(failed, healthy, _columns(found))


def by_cause(verdicts: Sequence[Verdict], devices: Sequence[Device], reach: int | None = None) -> list[Cause]:
    """What all the failed share first, if anything; then what those of each layer and cause do, the largest first.

    `reach` is how far every side was read (µs UTC), None where it was to the end.
    """
    found_by = Counter(verdict.verdict in FAILED for verdict in verdicts if comparable(verdict, reach))
    if min(found_by[True], found_by[False]) < _DEVICES_MIN:
        return []  # Devices by the 100,000 are not decoded for nothing.
    pairs = compared(verdicts, devices, reach)
    judged, every = [verdict for verdict, _ in pairs], [row for _, row in pairs]
    healthy, columns = _Group([row for row in every if not row.failed]), _columns(every)
    groups: dict[tuple[str, str], list[Row]] = {}
    for verdict, row in zip(judged, every, strict=True):
        if row.failed:
            groups.setdefault((verdict.layer or "", verdict.cause or ""), []).append(row)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    whole = _contrast(_Group([row for row in every if row.failed]), healthy, columns)
    found = [Cause("", "", whole, overall=True)] if whole else []
    for (layer, cause), each in ranked if len(ranked) > 1 else ():
        own = _contrast(_Group(each), healthy, columns, len(ranked) + 1)
        if own and own.numbers.failed >= _SHARE_MIN * own.numbers.failed_of:
            found.append(Cause(layer, cause, own))
    return found


def sentences(found: Sequence[Cause], verdicts: Iterable[Verdict], zone: tzinfo) -> tuple[str, ...]:
    """What was found by cause, the most telling first; a layer and cause that says the same as all is not repeated.

    Where it is said of no more than a part of the failed, the first sentence says that too.
    """
    failed = [verdict.verdict for verdict in verdicts if verdict.verdict in FAILED]
    noun = "vanished" if set(failed) == {"vanished"} else "failed"
    told = found[0].contrast.conditions if found and found[0].overall else ()
    worth = [each for each in found if each.overall or set(each.contrast.conditions) != set(told)]
    said = tuple(sentence(each, noun, zone, len(failed)) for each in worth)
    if not said or worth[0].overall:
        return said
    return f"nothing that all {len(failed):,} have. But {said[0]}", *said[1:]


def _contrast(failed: _Group, healthy: _Group, names: Sequence[str], groups: int = 1) -> Contrast | None:
    if len(failed) < _DEVICES_MIN or len(healthy) < _DEVICES_MIN:
        return None
    looked_at = groups * (sum(len(failed.counts(name)) for name in names) + len(failed))
    kept = failed, healthy
    conditions: list[Condition] = []
    gained = 0.0
    table: list[Share] = []
    for step in range(_CONDITIONS_MAX):
        shares = [share for name in names if (share := _best_value(name, *kept, looked_at * (step + 1)))]
        if share := _best_time(*kept, looked_at * (step + 1)):
            shares.append(share)
        table = table or shares
        if not shares:
            break
        best = max(shares, key=lambda share: _apart(share, failed, healthy))
        gain = _apart(best, failed, healthy) - gained
        if gain < (_NEXT_GAIN_MIN if step else _FIRST_GAIN_MIN) or best.chance > _CHANCE_MAX:
            break
        conditions.append(best.condition)
        gained += gain
        kept = kept[0].holding(best.condition), kept[1].holding(best.condition)
    if not conditions:
        return None
    numbers = Numbers(len(kept[0]), len(failed), len(kept[1]), len(healthy))
    return Contrast(tuple(conditions), numbers, tuple(sorted(table, key=lambda share: -share.numbers.gain)))


def _columns(found: Sequence[Row]) -> list[str]:
    """The columns worth looking at: those that do not name single devices."""
    values: dict[str, set[str]] = {}
    for row in found:
        for column, value in row.values.items():
            values.setdefault(column, set()).add(value)
    worth = [column for column, each in values.items() if 1 < len(each) <= max(len(found) // 3, 2)]
    return sorted(worth, key=lambda name: (COLUMNS.index(name) if name in COLUMNS else len(COLUMNS), name))


def _best_value(name: str, failed: _Group, healthy: _Group, looked_at: int) -> Share | None:
    common = [pair for pair in failed.counts(name).items() if pair[1] >= _DEVICES_MIN]
    if not common or not len(healthy):
        return None
    others = healthy.counts(name)
    value, number = max(common, key=lambda pair: (pair[1] / len(failed) - others[pair[0]] / len(healthy), pair[0]))
    return _share(Condition(name, value), Numbers(number, len(failed), others[value], len(healthy)), looked_at)


def _best_time(failed: _Group, healthy: _Group, looked_at: int) -> Share | None:
    """The time after which the failed booted, and the healthy did not."""
    if len(failed.boots) < _DEVICES_MIN or not healthy.boots:
        return None
    gain, place = max(
        (
            (len(failed.boots) - n) / len(failed)
            - (len(healthy.boots) - bisect_left(healthy.boots, at)) / len(healthy),
            -n,
        )
        for n, at in enumerate(failed.boots)
    )
    number, at = len(failed.boots) + place, failed.boots[-place]
    if gain <= 0 or number < _DEVICES_MIN:
        return None
    after = len(healthy.boots) - bisect_left(healthy.boots, at)
    return _share(Condition(AFTER, str(at)), Numbers(number, len(failed), after, len(healthy)), looked_at)


def _share(condition: Condition, numbers: Numbers, looked_at: int) -> Share:
    return Share(condition, numbers, *_difference(numbers), min(1.0, looked_at * chance.at_least(*numbers)))


def _apart(share: Share, failed: _Group, healthy: _Group) -> float:
    """The difference of the shares among all failed and all healthy, with what was kept before."""
    return share.numbers.failed / len(failed) - share.numbers.healthy / len(healthy)


def wilson(number: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    share, square = number / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def _difference(numbers: Numbers) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares (Newcombe 1998, method 10)."""
    first, second = numbers.failed / numbers.failed_of, numbers.healthy / numbers.healthy_of
    (low1, high1) = wilson(numbers.failed, numbers.failed_of)
    (low2, high2) = wilson(numbers.healthy, numbers.healthy_of)
    low = first - second - sqrt((first - low1) ** 2 + (high2 - second) ** 2)
    return low, first - second + sqrt((high1 - first) ** 2 + (second - low2) ** 2)


def sentence(found: Cause, noun: str, zone: tzinfo, failed: int) -> str:
    """What they share, with its numbers; times stand in UTC and in `zone`. `failed` is how many failed in all."""
    numbers = found.contrast.numbers
    low, high = wilson(numbers.failed, numbers.failed_of)
    late = failed - numbers.failed_of if found.overall else 0
    whose = f"{numbers.failed_of:,} that {noun}"
    if not found.overall:
        whose = f"{numbers.failed_of:,} with {found.cause.replace('_', ' ') or found.layer or 'no layer proved'}"
    left = f" ({late:,} more were not read far enough to compare)" if late else ""
    part = f"{_percent(numbers.failed / numbers.failed_of)}, likely {_percent(low)[:-2]} to {_percent(high)}"
    others = f"none of the {numbers.healthy_of:,} healthy has"
    if numbers.healthy:
        share = _percent(numbers.healthy / numbers.healthy_of)
        others = f"of the {numbers.healthy_of:,} healthy only {numbers.healthy:,} ({share})"
    return f"{numbers.failed:,} of the {whose} ({part}) have {_and(found.contrast.conditions, zone)}; {others}{left}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _and(conditions: Iterable[Condition], zone: tzinfo) -> str:
    said = [words(each, zone) for each in conditions]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def words(condition: Condition, zone: tzinfo) -> str:
    """A condition for people; a time stands in UTC and in `zone`."""
    if condition.column == AFTER:
        return _after(int(condition.value), zone)
    return f"{condition.column.replace('_', ' ')} {condition.value}"


def _after(at: int, zone: tzinfo) -> str:
    wall = local(at, zone)
    site = "" if wall is None or wall.tzname() == "UTC" else f" ({wall:%H:%M %Z})"
    return f"a boot after {to_datetime(at):%Y-%m-%d %H:%M} UTC{site}"
