"""Wall clocks set back within a boot."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.core.nouns import Device, Fact, Origin, Reading
from abm_trace.core.packed import Packed
from abm_trace.pipeline.boots import TICKS_NS, Boots, Mark, on_one_clock

NOON = 1_779_000_000_000_000
SECOND = 1_000_000


def ticks(seconds: float, tick_ns: Fraction = TICKS_NS[1]) -> int:
    """So many seconds since the boot in ticks."""
    return int(Fraction(seconds) * 10**9 / tick_ns)


def boots(*records: tuple[float, float], tick_ns: Fraction = TICKS_NS[1], boot: str = "A") -> Boots:
    """Records at so many seconds since the boot, which the wall clock had at so many seconds after noon."""
    made = Boots()
    for number, (since, wall) in enumerate(records):
        made.add((boot, ticks(since, tick_ns)), NOON + round(wall * SECOND), (number, 1), seen=True)
    return made


@pytest.mark.parametrize("tick_ns", TICKS_NS)
def test_what_came_before_the_clock_was_set_back_gets_the_later_clock_s_time(tick_ns: Fraction) -> None:
    """A request would stand behind its answer, and seven seconds of a wrong clock in every interval."""
    made = boots((10, 17), (12, 19), (13, 20), (14, 14), (15, 15), tick_ns=tick_ns)
    moved = made.set_right()
    assert moved is not None
    assert {number: round((at - NOON) / SECOND, 3) for number, at in moved.items()} == {0: 10, 1: 12, 2: 13}
    (jump,) = made.jumps
    assert (jump.boot, jump.at) == ("A", NOON + 14 * SECOND)
    assert jump.back_us == pytest.approx(7 * SECOND, abs=10)


@pytest.mark.parametrize(
    "records",
    [
        [(1, 1), (2, 2), (3, 3)],
        [(1, 1), (2, 9), (3, 10)],  # Set forward.
        [(1, 1), (2, 1.0005), (2.001, 1.0003), (3, 3)],  # Within the tolerance.
        [(1, 1)],
        [],
    ],
)
def test_what_contradicts_nothing_stays(records: list[tuple[float, float]]) -> None:
    """Times would be changed where no clock was set back."""
    made = boots(*records)
    assert made.set_right() is None
    assert not made.jumps
    assert not made.unsure


WEEKS = 500 * 86_400


def test_a_clock_that_was_not_set_yet_is_set_right() -> None:
    """A device that booted in 2024 by its own clock would have passed its deadline before it was unpacked."""
    made = boots((10, 10 - WEEKS), (12, 12 - WEEKS), (13, 13), (14, 14), (15, 15))
    moved = made.set_right()
    assert moved is not None
    assert {number: round((at - NOON) / SECOND, 3) for number, at in moved.items()} == {0: 10, 1: 12}
    (jump,) = made.jumps
    assert jump.back_us == pytest.approx(-WEEKS * SECOND, abs=10)


def test_a_long_sleep_is_no_clock_that_was_set() -> None:
    """Ticks stand still in sleep: a Mac that slept over the weekend would lose its Friday."""
    assert boots((10, 10), (11, 11), (12, 3 * 86_400), (13, 3 * 86_400 + 1)).set_right() is None


def test_boots_are_not_compared() -> None:
    """Ticks begin anew with each boot; a second boot would look like a clock that was set."""
    made = boots((100, 100), (101, 101))
    for number in range(3):
        made.add(("B", ticks(number + 1)), NOON + (110 + number) * SECOND)
    assert made.set_right() is None


def test_too_few_records_are_named_and_left_alone() -> None:
    """A tick would be guessed, and a time be wrong by a factor of 40."""
    made = boots((10, 17), (14, 14))
    assert made.set_right() is None
    (jump,) = made.unsure
    assert jump.back_us == 3 * SECOND


@given(
    st.lists(st.floats(1, 1e6), min_size=4, max_size=12, unique_by=lambda value: round(value, 2)),
    st.floats(5, 1e5),
    st.integers(1, 3),
)
def test_the_order_in_which_records_are_read_does_not_matter(times: list[float], back: float, cut: int) -> None:
    """A verdict would depend on how the lines of a log are sorted."""
    times = sorted(times)
    records = [(each, each + back) for each in times[:-cut]] + [(each, each) for each in times[-cut:]]
    one, other = boots(*records), Boots()
    for boot, marks in one.marks.items():
        for mark in reversed(marks):
            other.add((boot, mark.ticks), mark.at, mark.place, seen=mark.seen)
    assert one.set_right() == other.set_right()
    assert one.jumps == other.jumps


def test_marks_hold_the_new_times() -> None:
    """The capture's bounds, worked out from them, would be on another clock than its facts."""
    made = boots((10, 17), (12, 19), (14, 14), (15, 15))
    made.set_right()
    assert [round((mark.at - NOON) / SECOND) for mark in made.marks["A"]] == [10, 12, 14, 15]
    assert all(isinstance(mark, Mark) for mark in made.marks["A"])


def test_only_what_was_seen_is_moved() -> None:
    """The line that bounds a log would be given for a fact that it does not hold."""
    made = boots((10, 17), (12, 19), (14, 14), (15, 15))
    made.add(("A", ticks(13)), NOON + 20 * SECOND, (99, 1))
    moved = made.set_right()
    assert moved is not None
    assert set(moved) == {0, 1}


# -- One boot in several logs.


def log(path: str, *records: tuple[float, float], boot: str = "A") -> Reading:
    """A log of records at so many seconds since the boot and, by the wall clock, after noon."""
    made = boots(*records, boot=boot)
    made.set_right()
    return Reading(path, "log-json", "", captures=True, boot=made.alone())


def device(serial: str, *facts: tuple[str, float]) -> Device:
    """A device of whom logs say something at so many seconds after noon, and the MDM once."""
    said = [
        Fact("requested", NOON + round(wall * SECOND), "log", "", {}, Origin(path, "x", 10, 1)) for path, wall in facts
    ]
    return Device(serial, {}, (*said, Fact("enrolled", NOON, "mdm", "", {}, Origin("mdm.csv", "mdm", 10, 1))))


def walls(devices: Sequence[Device]) -> list[list[int]]:
    """When the facts of each device's logs were, in seconds after noon."""
    return [
        [round(((fact.at or 0) - NOON) / SECOND) for fact in each.facts if fact.kind == "requested"] for each in devices
    ]


BEFORE = log("a", (10, 10 - WEEKS), (18, 18 - WEEKS))
AFTER = log("b", (30, 30), (40, 40))
BACK = log("c", (10, 110), (18, 118))


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(("earlier", "wall"), [(BEFORE, 18 - WEEKS), (BACK, 118)], ids=["was-not-set", "set-back"])
def test_one_boot_in_two_logs_is_on_one_clock(earlier: Reading, wall: float, number: int) -> None:
    """SPEC 2, "nor on how the work was split": what was one attempt would be two journeys, a year apart."""
    logs = [earlier, AFTER]
    found = on_one_clock([device("D", (earlier.path, wall), ("b", 40))], [logs[number], logs[1 - number]])
    assert walls(found) == [[18, 40]]
    (jump,) = [fact for fact in found[0].facts if fact.kind == "clock_jump"]
    assert (jump.at, jump.origin.path) == (NOON + 30 * SECOND, "b")
    assert float(jump.value) == pytest.approx(wall - 18, abs=1e-4)
    assert [fact.at for fact in found[0].facts if fact.source == "mdm"] == [NOON]


def test_a_log_between_two_and_a_copy_of_it_follow_the_last() -> None:
    """Each cut and each copy would leave its part on the wrong clock."""
    parts = [log("a", (10, 10 - WEEKS), (11, 11 - WEEKS)), log("a2", (17, 17 - WEEKS), (18, 18 - WEEKS)), AFTER]
    parts.append(Reading("copy", "log-json", "", captures=True, boot=parts[0].boot))
    facts = [("a", 11 - WEEKS), ("a2", 18 - WEEKS), ("copy", 11 - WEEKS), ("b", 40)]
    assert walls(on_one_clock([device("D", *facts)], parts)) == [[11, 18, 11, 40]]


def test_logs_of_other_devices_or_boots_and_of_ticks_that_began_anew_keep_their_times() -> None:
    """A clock says nothing of another machine's, nor a sleep that it was set: facts would move by weeks."""
    anew = log("anew", (10, 10), (40, 40))
    other = log("other", (30, 30), (40, 40), boot="B")
    asleep = log("asleep", (19, 3 * 86_400), (20, 3 * 86_400 + 1))
    for second in (anew, other, asleep):
        facts = ("a", 18 - WEEKS), (second.path, 40)
        first = log("a", (10, 10), (18, 18)) if second is asleep else BEFORE
        assert walls(on_one_clock([device("D", *facts)], [first, second])) == [[round(18 - WEEKS), 40]]
    two = [device("D", ("a", 18 - WEEKS)), device("E", ("b", 40))]
    assert walls(on_one_clock(two, [BEFORE, AFTER])) == [[round(18 - WEEKS)], [40]]


def test_packed_devices_are_put_on_one_clock_too() -> None:
    """A verdict would depend on how large the case is."""
    devices = Packed.of(Device, 500, [device("D", ("a", 18 - WEEKS), ("b", 40))])
    found = on_one_clock(devices, [BEFORE, AFTER])
    assert isinstance(found, Packed)
    assert walls(found) == [[18, 40]]
