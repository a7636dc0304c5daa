"""One capture: hit lines, bounds, and what is named."""

from pathlib import Path

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
