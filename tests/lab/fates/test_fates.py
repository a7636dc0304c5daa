"""The laws that every fate keeps, the guide's and Apple's own."""

import re
from collections.abc import Callable

import pytest
from tests.lab.fates.telling import Told

from abm_lab import scenario as scenarios
from abm_lab.apple.server import Server
from abm_lab.fates import discover
from abm_lab.moments import rfc3339
from abm_lab.story import Story

_REGISTERED = {"device_registered", "device_enrollment_registered"}
_GUIDE = sorted(fate.id for fate in discover().values() if fate.life is None)
_LAYERLESS = {"confirmed", "in_progress", "not_started"}


def _registered(story: Story) -> bool:
    listed = story.listed is not None and story.listed.status == "registered"
    lived = story.lifecycle is not None and story.lifecycle.registration_status.state == "registered"
    return listed or lived or any(event.event_type in _REGISTERED for event in story.audit)


def _enrolled(story: Story) -> bool:
    row = story.inventoried
    return row is not None and row.enrolled_at is not None and row.enrollment_method == "abm"


@pytest.mark.parametrize("fate_id", _GUIDE)
@pytest.mark.parametrize("seed", range(4))
def test_sides_follow_from_the_evidence(fate_id: str, seed: int, tell: Callable[[str, int], Story]) -> None:
    """A fate would claim a device confirmed, or vanished, against its own exports."""
    story, truth = tell(fate_id, seed), discover()[fate_id].truth
    if truth.verdict == "confirmed":
        assert _registered(story)
        assert _enrolled(story)
    elif fate_id != "redeployed_vanishes" and truth.verdict in {"vanished", "rejected", "not_started"}:
        assert not _registered(story)
        assert not _enrolled(story)
    elif truth.verdict == "half_confirmed":
        assert _registered(story) == (truth.missing == ("mdm",))


@pytest.mark.parametrize("fate_id", _GUIDE)
@pytest.mark.parametrize("seed", range(4))
def test_without_a_log_only_exports_tell_of_a_start(fate_id: str, seed: int, tell: Callable[[str, int], Story]) -> None:
    """A device whose log is lost would be called started, or not, against what the exports still show."""
    story, truth = tell(fate_id, seed), discover()[fate_id].unlogged
    asked = any(event.event_type == "device_enrollment_requested" for event in story.audit)
    shown = asked or story.listed is not None or story.lifecycle is not None or _enrolled(story)
    assert (truth.verdict == "not_started") == (not shown)


@pytest.mark.parametrize("fate_id", _GUIDE)
def test_nothing_happens_after_the_end(fate_id: str, tell: Callable[[str, int], Story], as_of: int) -> None:
    """An export would hold an event later than as_of, and the default as_of would not be the truth's."""
    story = tell(fate_id, 1)
    stamps = [event.occurred_at for event in story.audit] + [sample.measured_at for sample in story.clocks]
    stamps += [probe.captured_at for probe in story.probes] + [exchange.at for exchange in story.exchanges]
    row = story.inventoried
    stamps += [] if row is None else [row.created_at, row.enrolled_at or row.created_at]
    stamps += [] if story.listed is None else [story.listed.status_since]
    assert max(stamps, default="") <= rfc3339(as_of)
    assert all(at <= as_of for capture in story.captures for at, _, _, _ in capture.lines)


@pytest.mark.parametrize("fate_id", sorted(discover()))
def test_layers_only_where_they_may_be(fate_id: str) -> None:
    """A truth would name a layer where the contract says null, or a cause beside another layer than L0."""
    fate = discover()[fate_id]
    for truth in (fate.truth, fate.unlogged):
        assert truth.verdict not in _LAYERLESS or truth.layer is None
        assert (truth.cause is not None) == (truth.layer == "L0")


def test_every_fate_is_in_a_scenario() -> None:
    """A fate would be written and never tried."""
    used = {row.id for name in (*scenarios.names(), *scenarios.names("apple")) for row in scenarios.load(name).fates}
    assert used == set(discover())


# Apple's own way: each fate at each server at which some scenario lets it happen.
_APPLE = sorted(
    {
        (row.fate.id, server.name): server
        for name in scenarios.names("apple")
        for row in scenarios.rows(scenarios.load(name))
        for server in row.servers
    }.items(),
    key=lambda item: item[0],
)
EVERY_APPLE_FATE = pytest.mark.parametrize(
    ("fate_id", "server"), [(key[0], server) for key, server in _APPLE], ids=["-".join(key) for key, _ in _APPLE]
)
_STAMP = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


@EVERY_APPLE_FATE
def test_apple_sides_follow_from_the_evidence(fate_id: str, server: Server, told: Callable[..., Told]) -> None:
    """A fate would claim sides that its own exports do not show, or hide those that they show."""
    fate = discover()[fate_id]
    shown = told(fate, server)
    verdict, missing = fate.truth.verdict, fate.truth.missing
    if verdict == "confirmed":
        assert shown.automated
        assert shown.pushed or shown.assigned
    elif verdict == "half_confirmed" and missing == ("mdm",):
        assert shown.pushed
        assert not shown.automated
    elif verdict == "half_confirmed":
        assert shown.automated or shown.by_hand
        assert not shown.pushed
        assert not (shown.automated and shown.assigned)
    elif fate_id != "ade_redeployed_vanishes":
        assert shown.pushed == (fate.truth.last_rung == "accepted")
        assert not shown.automated


@EVERY_APPLE_FATE
def test_without_a_log_only_apple_exports_tell_of_a_start(
    fate_id: str, server: Server, told: Callable[..., Told]
) -> None:
    """A device whose log is lost would be called started, or not, against what the exports still show."""
    fate = discover()[fate_id]
    shown = told(fate, server)
    assert (fate.unlogged.verdict == "not_started") == (not shown.pushed and not shown.automated and not shown.by_hand)


@EVERY_APPLE_FATE
def test_nothing_of_apple_happens_after_the_end(
    fate_id: str, server: Server, told: Callable[..., Told], as_of: int
) -> None:
    """An export would hold an event later than as_of, and the default as_of would not be the truth's."""
    shown = told(discover()[fate_id], server)
    stamps = [
        stamp
        for content in shown.contents
        for stamp in _STAMP.findall(re.sub(r'"mdmMigrationDeadlineDateTime":"[^"]*"', "", content))
    ]
    assert max(stamps, default="").replace("Z", ".000Z")[:23] <= rfc3339(as_of)[:23]
    assert all(at <= as_of for capture in shown.story.captures for at, _, _, _ in capture.lines)
