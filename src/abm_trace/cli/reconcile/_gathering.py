"""What a traced case gives to the view: each device with its standing in the organisation, and what was read whole."""

from collections.abc import Iterator, Mapping

from abm_trace.core.nouns import Device, Fact, Reading, Verdict
from abm_trace.formats import formats
from abm_trace.pipeline.triage import Triage
from abm_trace.verdict import assignment
from abm_trace.views.reconcile import ABM, FETCH, MANIFEST, MDM, REQUESTS, SYNC, Listing, Seen


def seen(traced: Triage) -> list[Seen]:
    """The devices in order of serial."""
    verdicts = {verdict.serial: verdict for verdict in traced.verdicts}
    return [_seen(device, verdicts) for device in traced.devices]


def _seen(device: Device, verdicts: Mapping[str, Verdict]) -> Seen:
    kinds: dict[str, list[Fact]] = {}
    for fact in device.facts:
        if fact.source in {"abm", "audit", "dep"}:
            kinds.setdefault(fact.kind, []).append(fact)
    stands = assignment.of(kinds)
    verdict = verdicts.get(device.serial)
    return Seen(device, verdict, stands.server, stands.released, stands.unassigned, stands.record)


def listings(traced: Triage) -> Iterator[Listing]:
    """What was read as a whole: the manifest, and each file whose silence says something, up to where it reaches.

    A list of which pages are missing has no reach, and so none here.
    """
    readings = {reading.path: reading for reading in traced.readings}
    if any(reading.format == "manifest" for reading in traced.readings):
        yield Listing(MANIFEST, traced.as_of)
    for side, reaches in traced.context.reach.items():
        for reach in reaches:
            if reach.until is None:
                continue
            for path in dict.fromkeys(origin.path for origin in reach.origins):
                for source in _sources(readings[path], side) if path in readings else ():
                    yield Listing(source, reach.until, reach.server)


def _sources(reading: Reading, side: str) -> set[str]:
    """The sources that a file which was read for a side is a list of."""
    if side == "mdm":
        return {MDM}
    covers = formats()[reading.format][1].FORMAT.covers
    if side == "apple" and "dep" in covers:
        return _phases(reading)
    return {ABM, REQUESTS} if "audit" in covers else {ABM}


def _phases(reading: Reading) -> set[str]:
    """Whether a DEP list is a fetch or (a product's own list too) of the sync stream; an empty page by its name."""
    phases = {fact.attrs.get("phase") for fact in reading.facts if fact.kind == "dep_record"}
    if not phases:
        return {SYNC if "sync" in reading.path.casefold() or reading.format == "depsyncer-webhook" else FETCH}
    return {FETCH if phase == "fetch" else SYNC for phase in phases}
