"""One capture: hit lines, bounds, and what is named."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline import building
from tests.pipeline.reading_of import line, reading, reasons

from abm_trace.core import instants

BOOT = line(1, "noise of the boot")
ASKED = line(5, "ABMRegistrationStarted")
EMPTY = line(7, 'ABM response: 202 {"status":"accepted","requestId":"req_1","devices":[]}')
LAST = line(40, "noise of the end")


def at(text: str) -> int:
    """The instant of a stamp."""
    return instants.parse(text)


def test_hit_lines_become_facts_with_their_place(tmp_path: Path) -> None:
    """A fact could not be walked back to its bytes."""
    data = (BOOT + ASKED + EMPTY + LAST).encode()
    found = reading(tmp_path, data)
    assert [fact.kind for fact in found.facts] == ["requested", "accepted", "response_empty"]
    for fact in found.facts:
        place = fact.origin.offset or 0
        assert data[place : place + fact.origin.length].decode() in {ASKED.rstrip(), EMPTY.rstrip()}
    assert not found.skipped


def test_the_capture_begins_with_its_first_line_and_ends_with_its_last(tmp_path: Path) -> None:
    """A boot would be put off to the first fact, and "now" be too early."""
    found = reading(tmp_path, (BOOT + ASKED + LAST).encode())
    assert found.first_at == at("2026-05-17T03:47:01Z")
    assert found.last_at == at("2026-05-17T03:47:40Z")


def test_lines_out_of_order_do_not_move_the_bounds(tmp_path: Path) -> None:
    """The boot would depend on the order of lines."""
    lines = [BOOT, ASKED, EMPTY, LAST, *(line(n, "noise") for n in range(10, 30))]
    found = reading(tmp_path, "".join(sorted(lines)[::-1]).encode())
    assert found.first_at == at("2026-05-17T03:47:01Z")
    assert found.last_at == at("2026-05-17T03:47:40Z")


def test_a_new_year_in_a_log_without_years_is_no_disorder(tmp_path: Path) -> None:
    """A device that boots on New Year's Eve would boot a year late."""
    rows = ["Dec 31 23:59:58 iPad teslad[1] <Notice>: x", "Jan  1 00:00:02 iPad teslad[1] <Notice>: y"]
    found = reading(tmp_path, "\n".join([*rows, ""]).encode())
    assert found.yearless
    assert found.first_at is not None


def test_colours_of_a_terminal_are_no_text(tmp_path: Path) -> None:
    """A capture taken on a terminal would be refused as a whole."""
    coloured = (
        "\x1b[0;37mMay 17 03:47:05 \x1b[1;36mteslad\x1b[0;36m[231]\x1b[m \x1b[0;32m<Notice>:\x1b[1;37m {}\n\x1b[m"
    )
    found = reading(tmp_path, (coloured.format("x") + coloured.format("ABMRegistrationStarted")).encode())
    assert [fact.kind for fact in found.facts] == ["requested"]


def test_a_line_beyond_the_bound_is_named_and_its_beginning_read(tmp_path: Path) -> None:
    """An endless line would be held whole, or a fact at its beginning be lost."""
    long = EMPTY.rstrip() + "x" * 1_100_000 + "\n"
    found = reading(tmp_path, (BOOT + long + ASKED).encode())
    assert {fact.kind for fact in found.facts} == {"accepted", "response_empty", "requested"}
    assert [(each.line, each.reason) for each in found.skipped] == [
        (2, "a line longer than 1 MiB; the rest of it was not read")
    ]


def test_bytes_that_are_no_text_are_named_with_their_line(tmp_path: Path) -> None:
    """A wrong encoding would go unnoticed."""
    found = reading(tmp_path, (BOOT + ASKED).encode() + b"2026-05-17 03:47:09.000 DEBUG com.apple.x caf\xe9\n")
    assert [each.line for each in found.skipped] == [3]
    assert "not UTF-8" in reasons(found)[0]


def test_a_cut_last_line_is_named(tmp_path: Path) -> None:
    """The end of a capture would be missing and nobody would know."""
    found = reading(tmp_path, (BOOT + ASKED).encode() + b"2026-05-17 03:4")
    assert reasons(found) == ["the last line is cut"]


def test_a_hit_line_whose_time_cannot_be_is_named(tmp_path: Path) -> None:
    """A damaged line would be dropped in silence."""
    bad = ASKED.replace("2026-05-17", "2026-02-30")
    found = reading(tmp_path, (BOOT + bad + EMPTY).encode())
    assert [fact.kind for fact in found.facts] == ["accepted", "response_empty"]
    assert [each.line for each in found.skipped] == [2]


def test_octet_counts_cut_a_line_into_messages_and_a_false_one_is_named(tmp_path: Path) -> None:
    """Framed syslog would lose all but its first message."""
    one = "<14>1 2026-05-17T03:47:05.000Z F9FXQ1ABCD teslad 1 - - ABMRegistrationStarted"
    two = "<14>1 2026-05-17T03:47:09.000Z F9FXQ1ABCE teslad 1 - - ABMDeviceRegistered"
    right = reading(tmp_path, f"{len(one)} {one}{len(two)} {two}\n{len(one)} {one}\n".encode())
    assert [fact.attrs["host"] for fact in right.facts] == ["F9FXQ1ABCD", "F9FXQ1ABCE", "F9FXQ1ABCD"]
    assert not right.skipped
    false = reading(tmp_path, f"{len(one) + 9} {one}\n{len(two)} {two}\n".encode())
    assert len(false.facts) == 2
    assert "false octet count" in reasons(false)[0]


def test_a_shared_file_may_mix_formats(tmp_path: Path) -> None:
    """A relay's file would lose the lines of all senders but the first."""
    other = "<14>1 2026-05-17T03:47:05.000Z F9FXQ1ABCD teslad 1 - - ABMDeviceRegistered\n"
    found = reading(tmp_path, (BOOT + ASKED + other + LAST).encode())
    assert [fact.kind for fact in found.facts] == ["requested", "registered"]


MIXED = [
    building.line("Preparing for enrollment…", 1), *building.noise(60), building.line("ABMRegistrationStarted", 2),
    *building.noise(30), building.line("ABM response: 204", 3),
]  # fmt: skip
TWO_MINUTES = [*building.noise(20), *building.noise(9, "2026-05-17 03:40"), building.line("ABM response: 204")]


@given(block=st.integers(200, 2000), end=st.sampled_from(["\n", "\r\n"]))
def test_facts_do_not_depend_on_the_blocks(tmp_path_factory: pytest.TempPathFactory, block: int, end: str) -> None:
    """A fact at a block's border would be lost or doubled (SPEC: not on how the work was split)."""
    data = building.text(MIXED, end)
    whole = building.read(tmp_path_factory.getbasetemp(), data, block=1 << 20)
    parts = building.read(tmp_path_factory.getbasetemp(), data, block=block)
    assert len(whole.facts) == 3
    assert (parts.facts, parts.first_at, parts.last_at) == (whole.facts, whole.first_at, whole.last_at)


@given(st.permutations(TWO_MINUTES))
def test_a_shuffled_capture_begins_and_ends_where_it_did(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    """SPEC: a verdict does not depend on the order of lines; the boot would move with them."""
    found = building.read(tmp_path_factory.getbasetemp(), building.text(lines), block=1 << 20)
    assert found.first_at == instants.parse("2026-05-17T03:40:00Z")
    assert found.last_at == instants.parse("2026-05-17T03:47:19Z")


@pytest.mark.parametrize("padding", ["", " ", "\t", "\x00", "\r", " \r", "\x1b[0m"])
@pytest.mark.parametrize("message", ["enrollmentMethod=none", "ABM response: 204", "Clock offset: 7.2 s"])
def test_a_line_says_the_same_alone_and_beside_a_foreign_line(tmp_path: Path, message: str, padding: str) -> None:
    """Hit lines are read together where all are of one layout: a neighbour would change what a line says."""
    foreign = f"2026-05-17T03:47:30+00:00 F9FXQ1ABCD teslad[231]: {message}"
    own = building.line(message, 5) + padding
    alone = building.read(tmp_path, building.text([*building.noise(4), own, *building.noise(4)]))
    beside = building.read(tmp_path, building.text([*building.noise(4), own, foreign, *building.noise(4)]))
    (fact,) = alone.facts
    assert (beside.facts[0].kind, beside.facts[0].value) == (fact.kind, fact.value)
    assert beside.facts[1].kind == fact.kind


def test_times_of_the_hour_that_autumn_repeats_stay_in_order(tmp_path: Path) -> None:
    """The first line is looked at after the hit lines: it would be read as of the hour after them."""
    minute = "2026-11-01 01"
    lines = [*building.noise(1, f"{minute}:05"), building.line("ABM response: 204", 0, f"{minute}:20")]
    lines += building.noise(2, f"{minute}:30")
    found = building.read(tmp_path, building.text(lines), ZoneInfo("America/Chicago"))
    assert found.facts[0].at == instants.parse("2026-11-01T06:20:00Z")
    assert found.first_at == instants.parse("2026-11-01T06:05:00Z")
    assert found.last_at == instants.parse("2026-11-01T06:30:01Z")
    assert "autumn night repeats" in building.reasons(found)


def test_a_line_longer_than_a_block_does_not_lose_the_next(tmp_path: Path) -> None:
    """The rest of an endless line would swallow the line behind it, or its end be read as a line."""
    long = "x" * (3 * building.BLOCK) + building.line("ABM response: 204")
    lines = [building.line("Preparing for enrollment…", 1), long, building.line("ABMDeviceRegistered", 3)]
    assert building.kinds(building.read(tmp_path, building.text(lines))) == ["preparing", "registered"]


def test_a_character_of_several_bytes_at_a_block_s_end_is_no_damage(tmp_path: Path) -> None:
    """An ordinary text would be called damaged wherever a block happens to end."""
    lines = [f"2026-05-17 03:47:00.000 INFO com.apple.network größe 日本 {'ü' * (n % 7)}" for n in range(300)]
    for block in (1000, 1001, 1002, 1003):
        assert building.read(tmp_path, building.text(lines), block=block).skipped == ()


def test_the_number_of_a_named_line_is_right_in_later_blocks(tmp_path: Path) -> None:
    """A person would look at another line than the damaged one."""
    bad = building.line("ABM response: 204").replace("2026-05-17", "2026-02-31")
    found = building.read(tmp_path, building.text([*building.noise(200), bad, *building.noise(10)]))
    assert [each.line for each in found.skipped] == [201]


@given(data=st.binary(max_size=400))
def test_any_bytes_between_lines_leave_the_others_alone(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Damage in the middle would take the lines around it with it."""
    whole = building.text(building.noise(30)) + data + b"\n" + building.text([building.line("ABM response: 204", 59)])
    assert building.kinds(building.read(tmp_path_factory.getbasetemp(), whole, block=1 << 20)) == ["response_204"]
