"""Scenarios: which fates befall how many devices, when, and how far the sources were read. One TOML file each."""

import random
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from abm_lab.apple import products
from abm_lab.apple.server import TELLINGS, TROUBLES, Server
from abm_lab.fates import discover
from abm_lab.fates._interface import Fate
from abm_lab.moments import SECOND, from_datetime

_FOLDER = resources.files("abm_lab").joinpath("scenarios")


class ScenarioError(Exception):
    """A scenario that cannot be had as asked; the text says what to change."""


class FateRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the table: a fate with its share of the fleet, or with a fixed number of devices."""

    id: str
    weight: int = 0
    count: int = 0
    logs_lost: bool = False
    server: str = ""
    """The MDM server of these devices; without it any at which the fate may happen."""


class Coverage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours before `as_of` at which each source was read last."""

    audit: int = 0
    abm: int = 0
    mdm: int = 0
    dep: int = 0


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One scenario file. Times are aware; the rollout ends at `as_of`."""

    title: str
    proportions: str
    """Says where the table's numbers come from."""
    starts_at: datetime
    as_of: datetime
    fates: list[FateRow]
    timezone: str = "UTC"
    last_boot_before_min: int = 30
    """Minutes before `as_of` at which the last device of the ordinary rollout boots."""
    near_misses: int = 1
    """Lines per device that only look like facts."""
    at_least_one: bool = True
    """Every row gets a device before the proportions count."""
    strays: int = 2
    """Logs of serials that are no devices of the rollout."""
    coverage: Coverage = Coverage()
    servers: list[Server] = []
    """MDM servers of devices that enrol by Apple's own way."""
    organisation: bool = True
    """False: nothing was saved of ABM, neither devices nor servers nor audit events."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table with its fate."""

    fate: Fate
    logs_lost: bool
    servers: tuple[Server, ...] = ()
    """The servers one of which is the device's, for fates of Apple's own way."""


def names(dialect: str = "guide") -> list[str]:
    """The scenarios that come with the lab: of the guide's dialect, or `apple`."""
    folder = _FOLDER.joinpath("apple") if dialect == "apple" else _FOLDER
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))


def load(name: str, as_of: datetime | None = None) -> Scenario:
    """The scenario of that name, or of that TOML file; `as_of` moves it in time as a whole."""
    if name.endswith(".toml"):
        try:
            text = Path(name).read_text(encoding="utf-8")
        except OSError as error:
            raise ScenarioError(
                f"{name}: cannot be read ({error.strerror}); give a TOML file or one of: {', '.join(_all_names())}"
            ) from error
    elif name in _all_names():
        folder = _FOLDER if name in names() else _FOLDER.joinpath("apple")
        text = folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")
    else:
        raise ScenarioError(
            f"no scenario is called {name!r}; there are: {', '.join(_all_names())}; or give a file FILE.toml"
        )
    try:
        scenario = msgspec.convert(tomllib.loads(text), Scenario)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ScenarioError(f"scenario {name}: {error}; see docs/lab.md for the keys") from error
    _check(name, scenario)
    if as_of is not None:
        shift = as_of - scenario.as_of
        scenario = msgspec.structs.replace(scenario, starts_at=scenario.starts_at + shift, as_of=as_of)
    return scenario


def rows(scenario: Scenario) -> list[Row]:
    """The table's rows, in its order."""
    return [
        Row(discover()[row.id], row.logs_lost, _servers(scenario, row, discover()[row.id])) for row in scenario.fates
    ]


def allot(scenario: Scenario, devices: int) -> list[int]:
    """How many devices each row gets; they sum up to `devices`.

    Shares are rounded cumulatively, so that any run of rows from the first on (all that vanish, say) gets its own
    share of the fleet, rounded once. What fixed counts and single devices need comes out of the largest rows.
    """
    total = sum(row.weight for row in scenario.fates)
    counts, reached, before = [], 0, 0
    for row in scenario.fates:
        reached += row.weight
        upto = (2 * reached * devices + total) // (2 * total)
        counts.append(upto - before)
        before = upto
    least = [row.count or int(scenario.at_least_one) for row in scenario.fates]
    if sum(least) > devices:
        raise ScenarioError(f"{devices} devices are too few for this scenario; give --devices {sum(least)} or more")
    counts = [max(count, floor) for count, floor in zip(counts, least, strict=True)]
    for _ in range(sum(counts) - devices):
        richest = max(range(len(counts)), key=lambda index: counts[index] - least[index])
        counts[richest] -= 1
    return counts


def assign(scenario: Scenario, devices: int, seed: int) -> bytes:
    """The row of every device, one byte each, in the order in which the rollout boots them."""
    order = bytearray()
    for index, count in enumerate(allot(scenario, devices)):
        order += bytes((index,)) * count
    random.Random(seed).shuffle(order)
    return bytes(order)


def span(scenario: Scenario) -> tuple[int, int, int]:
    """First ordinary boot, last ordinary boot, and `as_of`, in microseconds UTC."""
    as_of = from_datetime(scenario.as_of)
    return from_datetime(scenario.starts_at), as_of - scenario.last_boot_before_min * 60 * SECOND, as_of


def covered_until(scenario: Scenario) -> dict[str, datetime]:
    """Until when each source was read; Apple's own say it themselves, unless they end before the rollout does."""
    coverage = scenario.coverage
    guide = {"audit": coverage.audit, "abm": coverage.abm, "mdm": coverage.mdm} if has_guide(scenario) else {}
    late = {source: hours for source, hours in (("dep", coverage.dep), ("mdm", coverage.mdm)) if hours}
    return {
        source: (scenario.as_of - timedelta(hours=value)).astimezone(UTC) for source, value in (guide | late).items()
    }


def has_guide(scenario: Scenario) -> bool:
    """Whether some device enrols by the guide's way."""
    return any(discover()[row.id].life is None for row in scenario.fates)


def _servers(scenario: Scenario, row: FateRow, fate: Fate) -> tuple[Server, ...]:
    if fate.life is None:
        return ()
    return tuple(server for server in scenario.servers if row.server in {"", server.name} and fate.servers(server))


def _all_names() -> list[str]:
    return [*names(), *names("apple")]


def _check(name: str, scenario: Scenario) -> None:
    unknown = sorted({row.id for row in scenario.fates} - discover().keys())
    if unknown:
        raise ScenarioError(
            f"scenario {name}: no fate is called {', '.join(unknown)}; there are: {', '.join(discover())}"
        )
    for server in scenario.servers:
        if server.product not in products.discover() or server.dep not in TELLINGS or server.trouble not in TROUBLES:
            raise ScenarioError(
                f"scenario {name}: server {server.name}: product is one of {', '.join(products.discover())}; "
                f"dep one of {', '.join(sorted(TELLINGS))}; trouble one of {', '.join(sorted(TROUBLES))}"
            )
        if not server.is_told_well:
            raise ScenarioError(
                f"scenario {name}: server {server.name}: dep = {server.dep!r} is none of {server.product}'s; "
                "see docs/lab.md"
            )
    for row in scenario.fates:
        if discover()[row.id].life is not None and not _servers(scenario, row, discover()[row.id]):
            raise ScenarioError(
                f"scenario {name}: {row.id} needs an MDM server at which it may happen; see docs/lab.md"
            )
    if len(scenario.fates) > 256 or sum(row.weight for row in scenario.fates) <= 0:
        raise ScenarioError(f"scenario {name}: give 1 to 256 fates, at least one of them with a weight")
    if scenario.as_of.tzinfo is None or scenario.starts_at.tzinfo is None:
        raise ScenarioError(f"scenario {name}: starts_at and as_of need a zone, for instance 2026-05-17T08:47:00Z")
    if span(scenario)[0] >= span(scenario)[1]:
        raise ScenarioError(f"scenario {name}: the last boot must come after starts_at")
    try:
        ZoneInfo(scenario.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ScenarioError(f"scenario {name}: no time zone is called {scenario.timezone!r}") from error
