"""What of a log is no text, or cut: named where it stands."""

from pathlib import Path

import pytest
from tests.pipeline.reading_of import line, reading, reasons

BOOT = line(1, "noise of the boot")
ASKED = line(5, "ABMRegistrationStarted")
EMPTY = line(7, 'ABM response: 202 {"status":"accepted","requestId":"req_1","devices":[]}')
LAST = line(40, "noise of the end")


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


def test_bytes_that_are_no_text_are_named_in_a_line_that_says_something(tmp_path: Path) -> None:
    """What the tool could not read in the very line that it cites would go unnoticed."""
    found = reading(tmp_path, (BOOT + ASKED[:-1]).encode() + b" \xff\xfe\n" + LAST.encode())
    assert [each.line for each in found.skipped] == [2]
    assert "not UTF-8" in reasons(found)[0]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (BOOT + ASKED.replace("Registration", "Registr\0ation") + LAST, 2),
        (BOOT + BOOT.replace("noise of", "noise\0 of") + LAST, 2),
        (BOOT + ASKED.rstrip() + "\0\0" + LAST, 2),
        (BOOT + ASKED.replace("DEBUG", "\0DEBUG") + LAST, 2),
        ("\0" + BOOT + "\0\0" + ASKED + LAST.replace("\n", "\0\n"), None),
        (BOOT.replace("\n", "\0\r\n") + "\0\n" + ASKED + LAST.rstrip() + "\0\0", None),
        (BOOT + ASKED + LAST, None),
    ],
    ids=range(7),
)
def test_nul_bytes_within_a_line_are_named_and_around_one_are_not(tmp_path: Path, lines: str, line: int | None) -> None:
    """A fact that damage cut in two would be missing in silence; a relay that ends its messages so would be blamed."""
    found = reading(tmp_path, lines.encode())
    about = [each for each in found.skipped if "NUL bytes" in each.reason]
    assert [each.line for each in about] == ([] if line is None else [line])
    assert all(lines.encode()[each.offset or 0] == 0 for each in about)
    assert line or not found.skipped


def test_nul_bytes_are_named_once_a_block_and_looked_for_in_bounds(tmp_path: Path) -> None:
    """A hole in a log would fill the screen, or be gone through byte by byte."""
    assert len(reading(tmp_path, (BOOT + "a\0b\n" * 90_000 + LAST).encode()).skipped) == 1
    assert len(reading(tmp_path, (BOOT + "\0\0b\n" * 90_000 + LAST).encode()).skipped) == 1
    assert not reading(tmp_path, (BOOT + "\0b\n" * 90_000 + LAST).encode()).skipped


@pytest.mark.parametrize(
    ("message", "cut"),
    [
        ('ABMErrorDomain Code=4001 "Device identif', True),
        ('ABM response: 202 {"status":"accepted","requestId":"req_1","devices":[', True),
        ("profile (of the device", True),
        ("the answer of the server:", True),
        ('ABMErrorDomain Code=4001 "Device identifier rejected"', False),
        ('ABM response: 202 {"status":"accepted","requestId":"req_1","devices":[]}', False),
        ("1) the first :) of all", False),
        ("connection 7 changed", False),
    ],
)
def test_a_last_line_without_end_that_breaks_off_is_named(tmp_path: Path, message: str, cut: bool) -> None:
    """A capture that was cut in its last message would pass for whole; any without a last line feed would be blamed."""
    last = line(41, message)
    assert not reading(tmp_path, (BOOT + LAST + last).encode()).skipped
    found = reading(tmp_path, (BOOT + LAST + last.rstrip("\n")).encode())
    assert [each.line for each in found.skipped] == ([3] if cut else [])
    assert all("may be cut" in each.reason for each in found.skipped)


@pytest.mark.parametrize(
    ("below", "cut"),
    [
        ("", True),
        ("Desc   : x\nDomain : MCCloudConfigurationErrorDomain\n", True),
        ("Desc   : x\nDomain : MCCloudConfigurationErrorDomain\nCode   : 34004\n", False),
        ("Desc   : x\n" + LAST, False),
    ],
)
def test_an_error_that_ends_with_the_file_before_its_code_is_named(tmp_path: Path, below: str, cut: bool) -> None:
    """A capture that was cut between the lines of its last error would pass for whole, and the error be missing."""
    found = reading(tmp_path, (BOOT + line(5, "Failed. Error: NSError:") + below).encode())
    assert [(each.line, "NSError" in each.reason) for each in found.skipped] == ([(2, True)] if cut else [])


def test_the_lines_of_a_server_between_those_of_devices_are_named_once(tmp_path: Path) -> None:
    """A relay's log would look as if all of it had been read, although nobody reads what the MDM server says."""
    device = "May 17 03:47:12 F9FXQ1ABCD teslad[231]: a level=3 of something\n"
    server = 'May 17 03:47:12 mdm01 micromdm[1]: level=info msg="enrolling new device" serial=F9FXQ1ABCD\n'
    found = reading(tmp_path, (device * 30 + server * 3).encode())
    assert found.format == "rfc3164"
    assert [(each.line, each.reason.partition(",")[0]) for each in found.skipped] == [
        (31, "lines of an MDM server stand in this log")
    ]
    assert not reading(tmp_path, (device * 30_000).encode()).skipped
