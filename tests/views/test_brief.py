"""Tests of abm_trace.views.brief: a large case is decoded once for its summary, which says the same."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exports.building import healthy, report, verdict

from abm_trace.core.nouns import Device, Fact, Origin, Verdict
from abm_trace.core.packed import Packed
from abm_trace.exports import Screen, render
from abm_trace.views import contrast, licences, settle
from abm_trace.views.brief import brief, brief_devices

DEVICES = [
    verdict(serial=f"F9FXQ1A{number:03d}", rungs={"requested": Origin("a", "b")}, advice="Erase it and reimage it.",
            next_action=f"Erase F9FXQ1A{number:03d} and reimage it.", exposure=("passcode off",), missing=("mdm",))
    for number in range(40)
] + [healthy(f"F9FXQ1B{number:03d}", f"clinic-{number % 3}") for number in range(40)]  # fmt: skip


class Counted(Packed[Verdict]):
    """Counts how often all of it is decoded."""

    rounds = 0

    def __iter__(self) -> Iterator[Verdict]:
        """One more time."""
        self.rounds += 1
        yield from super().__iter__()


def told(verdicts: Packed[Verdict] | list[Verdict], rows: int | None) -> bytes:
    """The summary of these verdicts, made as the command makes it."""
    few = brief(verdicts)
    fact = Fact("booted", 1, "log", "", {"server": "main"}, Origin("a", "b"))
    units = [Device(each.serial, {"site": each.site}, (fact,)) for each in few]
    settled = settle.wanted(few, units)
    notes = ("At stake", licences.sentence(licences.licences(few, units)))
    shared = contrast.sentences(contrast.by_cause(few, units), few, report().zone)
    said = report(
        *verdicts if isinstance(verdicts, list) else (), verdicts=verdicts, brief=few, notes=(notes,), shared=shared
    )
    assert settled
    return render("text", said, Screen(rows=rows))


@pytest.mark.parametrize("rows", [None, 40])
def test_a_packed_case_is_decoded_once_and_told_alike(rows: int | None) -> None:
    """If this failed, a summary of 300,000 devices would take a minute and 4 GB, or say something else."""
    many = Counted(Verdict, 7)
    many.extend(DEVICES)
    many.close()
    assert told(many, rows) == told(DEVICES, rows)
    assert many.rounds == 1


def test_what_is_at_hand_stays_as_it_is() -> None:
    """If this failed, a small case would be copied for nothing."""
    assert brief(DEVICES) is DEVICES


FACTS = st.builds(
    Fact,
    st.sampled_from(["booted", "enrolled", "mdm_row", "dep_record", "requested"]),
    st.none() | st.integers(0, 99),
    st.sampled_from(["log", "mdm", "dep"]),
    st.just("x"),
    st.dictionaries(
        st.sampled_from(["server", "model", "mdm", "mdm_id", "request_id"]), st.sampled_from("ab"), max_size=3
    ),
    st.just(Origin("a", "b")),
)  # fmt: skip


@given(units=st.lists(st.lists(FACTS, max_size=12), min_size=1, max_size=6))
def test_what_is_left_of_packed_devices_says_the_same_to_summaries(units: list[list[Fact]]) -> None:
    """Seats, servers and what the failed share would be told otherwise of a large case."""
    devices = [Device(each.serial, {"batch": "7"}, tuple(facts)) for each, facts in zip(DEVICES, units, strict=False)]
    verdicts = DEVICES[: len(devices)]
    few = brief_devices(Packed.of(Device, 2, devices))
    assert brief_devices(devices) is devices
    assert len(few) == len(devices)
    assert [contrast.server(each) for each in few] == [contrast.server(each) for each in devices]
    assert settle.wanted(verdicts, few) == settle.wanted(verdicts, devices)
    assert licences.licences(verdicts, few) == licences.licences(verdicts, devices)
    assert contrast.compared(verdicts, few, None) == contrast.compared(verdicts, devices, None)
    same = {(fact.kind, fact.source, tuple(sorted(fact.attrs.items()))) for each in few for fact in each.facts}
    assert not any(key == "request_id" for *_, attrs in same for key, _ in attrs)
