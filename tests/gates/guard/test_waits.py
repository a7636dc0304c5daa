"""Who waits: logs as they come in, in pieces, of one device or several."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.gates.guard.waits import Waits

PREPARING = "Preparing for enrollment…"
REGISTERED = "ABMDeviceRegistered"


def line(message: str, second: int = 10) -> bytes:
    """A line of the article's own format."""
    return f"2026-05-17 03:47:{second}.883 INFO com.apple.DeviceManagement.Enrollment [ABM] {message}\n".encode()


def waiting(waits: Waits) -> list[str]:
    """The devices that wait."""
    return [wait.device for wait in waits.waiting]


@pytest.mark.parametrize(
    "reached",
    [REGISTERED, "ABMRegistrationSucceeded", "MDMProfileAssigned", "DEPDeviceEnrolled"],
)
def test_a_device_prepares_and_registers(reached: str) -> None:
    """If this failed, a healthy device would be aborted, or a silent one never."""
    waits = Waits()
    (began,) = waits.take("a.log", line(PREPARING), 100.0)
    assert waits.silent(144.9, 45) == []
    assert waits.silent(145.0, 45) == [began]
    assert waits.take("a.log", line(reached, 20), 130.0) == [began]
    assert began.registered_s == 30.0
    assert waits.silent(999.0, 45) == []


@pytest.mark.parametrize(
    "message",
    [
        "ABMRegistrationStarted",
        "Sending enrollment request to https://eu-west.abm.apple.com/v1/devices",
        'ABM response: 202 {"status":"accepted","requestId":"req_1","devices":[]}',
        'ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 "x"',
        f"quoted: {REGISTERED}",
        "chatter",
    ],
)
def test_nothing_else_ends_a_wait(message: str) -> None:
    """If this failed, a device that asks, fails or chatters would not be silent any more."""
    waits = Waits()
    waits.take("a.log", line(PREPARING), 0.0)
    waits.take("a.log", line(message), 1.0)
    assert len(waits.silent(45.0, 45)) == 1


def test_a_device_that_does_both_at_once_has_changed_once() -> None:
    """If this failed, it would be told twice that a device registered."""
    waits = Waits()
    (wait,) = waits.take("a.log", line(PREPARING) + line(REGISTERED), 5.0)
    assert wait.registered_s == 0


def test_to_try_again_starts_no_new_wait() -> None:
    """If this failed, a device that retries every 30 s would never be stopped."""
    waits = Waits()
    for second in (0, 30, 60):
        waits.take("a.log", line(PREPARING), second)
    assert [(wait.since, wait.prepared) for wait in waits.silent(45.0, 45)] == [(0, 3)]


def test_the_next_boot_waits_anew() -> None:
    """If this failed, only the first of a row of devices on one cable would be guarded."""
    waits = Waits()
    waits.take("a.log", line(PREPARING) + line(REGISTERED), 0.0)
    waits.take("a.log", line(PREPARING), 100.0)
    assert [wait.since for wait in waits.waiting] == [100.0]


def test_devices_of_one_log_are_told_apart() -> None:
    """If this failed, one device's registration would hide another's silence."""
    waits = Waits()
    for serial in ("F9FXQ1AAAA", "F9FXQ1BBBB"):
        waits.take("a.log", line(f"{PREPARING} serial={serial}"), 0.0)
    waits.take("a.log", line(REGISTERED), 1.0)
    assert waiting(waits) == ["F9FXQ1AAAA", "F9FXQ1BBBB"]  # A line without a name is nobody's.
    waits.take("a.log", line(f"{REGISTERED} serial=f9fxqibbbb"), 2.0)
    assert waiting(waits) == ["F9FXQ1AAAA"]
    waits.take("b.log", line(REGISTERED) + line(f"{REGISTERED} serial=F9FXQ1CCCC"), 3.0)
    assert waiting(waits) == ["F9FXQ1AAAA"]  # Logs are told apart as well.
    waits.take("a.log", line(REGISTERED), 4.0)
    assert waiting(waits) == []  # Only one waits.


def test_a_registration_in_another_log_counts_where_it_names_the_device() -> None:
    """If this failed, a step would be aborted because its log was rotated, or the device's word stands elsewhere."""
    waits = Waits()
    waits.take("a.log", line(f"{PREPARING} serial=F9FXQ1ABCD") + line(f"{PREPARING} serial=F9FXQ1ABCE"), 0.0)
    waits.take("b.log", line(REGISTERED), 1.0)
    assert len(waits.waiting) == 2
    waits.take("b.log", line(f"{REGISTERED} serial=F9FXQ1ABCD"), 2.0)
    assert [wait.device for wait in waits.waiting] == ["F9FXQ1ABCE"]


def test_a_log_that_names_ten_thousand_is_read_in_time() -> None:
    """If this failed, the log of a whole rollout would hold the guard for minutes, and its deadline with it."""
    waits, began = Waits(), time.process_time()
    serials = [f"F9F{number:07}" for number in range(10_000)]
    waits.take("a.log", b"".join(line(f"{PREPARING} serial={serial}") for serial in serials), 0.0)
    assert len(waits.waiting) == 10_000
    waits.take("a.log", b"".join(line(f"{REGISTERED} serial={serial}") for serial in serials[1:]), 1.0)
    assert waiting(waits) == serials[:1]
    assert time.process_time() - began < 20


def test_a_staging_hosts_lines_name_no_device() -> None:
    """If this failed, every device of a Mac would share its clock: the first to register would free them all."""
    head = "May 17 03:47:10 staging-mac-1 teslad[9]: "
    waits = Waits()
    for serial in ("F9FXQ1AAAA", "F9FXQ1BBBB"):
        waits.take("a.log", f"{head}{PREPARING} serial={serial}\n".encode(), 0.0)
    waits.take("a.log", f"{head}{REGISTERED}\n".encode(), 1.0)
    assert waiting(waits) == ["F9FXQ1AAAA", "F9FXQ1BBBB"]


def test_the_log_of_one_device_is_called_by_its_name() -> None:
    """If this failed, a device whose log never names it could not be refused the next time."""
    waits = Waits({"a.log": "F9FXQ1ABCD"})
    waits.take("a.log", line(PREPARING), 0.0)
    waits.take("b.log", line(PREPARING), 0.0)
    assert waiting(waits) == ["F9FXQ1ABCD", ""]


@given(st.lists(st.integers(1, 60), max_size=12))
def test_pieces_do_not_matter(sizes: list[int]) -> None:
    """If this failed, a line that comes in two pieces would go unseen."""
    data = b"Staging step 1 of 2\n" + line(PREPARING) + b"chatter without a stamp\n" + line("x") + line(REGISTERED)
    waits, at = Waits(), 0
    for size in (*sizes, len(data)):
        waits.take("a.log", data[at : at + size], float(at))
        at += size
    assert [wait.registered_s is not None for wait in waits.all] == [True]


def test_a_last_line_without_an_end_is_looked_at() -> None:
    """If this failed, the registration that a capture ends with would be lost."""
    waits = Waits()
    waits.take("a.log", line(PREPARING) + line(REGISTERED)[:-1], 0.0)
    assert len(waits.waiting) == 1
    waits.end(1.0)
    assert waits.waiting == []


@pytest.mark.parametrize("data", [b"\0" * 100_000, b"x" * 3_000_000, b"\xff\xfe" * 500, b"{" * 10_000 + b"\n"])
def test_hostile_bytes(data: bytes) -> None:
    """If this failed, what a log holds could stop the guard, or fill its memory."""
    waits = Waits()
    waits.take("a.log", data, 0.0)
    waits.take("a.log", b"\n" + line(PREPARING), 1.0)
    assert len(waits.waiting) == 1


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-17T03:47:10.883Z INFO com.apple.DeviceManagement.Enrollment {}",
        "May 17 03:47:10 iPad teslad(CloudConfiguration)[88] <Notice>: {}",
        "2026-05-17 03:47:10.883456-0500  localhost teslad[88]: (x) [com.apple.ManagedClient:x] {}",
    ],
)
def test_other_formats_are_read_too(text: str) -> None:
    """If this failed, only the guide's own logs would be guarded."""
    waits = Waits()
    waits.take("a.log", (text.format(PREPARING) + "\n").encode(), 0.0)
    assert len(waits.waiting) == 1
    waits.take("a.log", (text.format(REGISTERED) + "\n").encode(), 0.0)
    assert waits.waiting == []


def test_a_line_that_means_something_and_cannot_be_read_is_told() -> None:
    """If this failed, a device whose clock shows what cannot be would go unguarded, and nobody would know."""
    waits = Waits()
    waits.take("a.log", line("chatter") + line(PREPARING).replace(b"2026-05-17 03:47", b"2026-05-17 29:47"), 0.0)
    assert waits.all == []
    assert ["a.log: a line that a signature may mean" in each for each in waits.problems] == [True]
