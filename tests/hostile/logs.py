"""Hostile device logs: endless lines, encodings, impossible times, false frames, floods of hits."""

import random
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.base_case import (
    CONFIRMED,
    FAILED_L6,
    REJECTED,
    VICTIM,
    VICTIM_BOOT_S,
    failing_log,
    iso_line,
    log_line,
    noise_line,
    stamp,
    text,
)
from tests.hostile.registry import Says, add, hostile

LOG = f"logs/{VICTIM}.log"
FAILED = (VICTIM, FAILED_L6)
LINES = failing_log()
FACTS = text(LINES)
LINE_BYTES_MAX = 1 << 20


@hostile(LOG, Says.NAMED)
def endless_line(at: Path) -> Iterator[bytes]:
    """50 MB without a newline."""
    return (b"A" * 1_000_000 for _ in range(50))


@hostile(LOG, Says.NAMED, shows=FAILED)
def endless_line_behind_facts(at: Path) -> Iterator[bytes]:
    """Good lines, then 50 MB without a newline that end in the words of a fact."""
    yield FACTS
    yield from (b"A" * 1_000_000 for _ in range(50))
    yield REJECTED.encode()


@hostile(LOG, Says.NAMED, lines=(1,), shows=FAILED)
def endless_line_before_facts(at: Path) -> Iterator[bytes]:
    """50 MB of one line, then good lines: one bad line must not hide the next ones."""
    yield from (b"A" * 1_000_000 for _ in range(50))
    yield b"\n" + FACTS


def padded(length: int) -> bytes:
    """The facts, the last of them in a line of that many bytes without its end."""
    last = f"{LINES[-1]} UserInfo={{".encode()
    return text(LINES[:-1]) + last.ljust(length - 1, b"x") + b"}\n"


add("line-just-below-the-bound", LOG, Says.READ, padded(LINE_BYTES_MAX - 2), shows=FAILED)
add("line-just-above-the-bound", LOG, Says.NAMED, padded(LINE_BYTES_MAX + 10), lines=(len(LINES),), shows=FAILED)
add("crlf", LOG, Says.READ, text(LINES, "\r\n"), shows=FAILED)
add("cr-only", LOG, Says.EITHER, text(LINES, "\r"), shows=FAILED)
add("no-newline-at-the-end", LOG, Says.EITHER, FACTS.removesuffix(b"\n"), shows=FAILED)
add("utf-8-with-bom", LOG, Says.READ, b"\xef\xbb\xbf" + FACTS, shows=FAILED)
for codec, mark in (
    ("utf-16-le", "\ufeff"),
    ("utf-16-be", "\ufeff"),
    ("utf-16-le", ""),
    ("utf-16-be", ""),
    ("utf-32-le", "\ufeff"),
):
    marked = "with-bom" if mark else "without-bom"
    encoded = (mark + FACTS.decode()).encode(codec)
    add(f"log-{codec}-{marked}", LOG, Says.EITHER, encoded, shows=FAILED)
add("utf-16-cut-in-a-letter", LOG, Says.NAMED, FACTS.decode().encode("utf-16")[:-1])
add("nul-in-a-fact", LOG, Says.EITHER, FACTS.replace(b"Code=4001", b"Code\x00=4001"))
add("nul-between-facts", LOG, Says.EITHER, FACTS.replace(b"\n", b"\n\x00\x00\n"), shows=FAILED)
add("bad-utf-8-in-a-fact", LOG, Says.EITHER, FACTS.replace(b"unstable", b"unst\xff\xfeble"), shows=FAILED)
add("bad-utf-8-in-noise", LOG, Says.NAMED, text([noise_line(361)]) + b"\xc3\x28\xa0 noise\n" + FACTS, shows=FAILED)
add("binary-garbage-in-a-log", LOG, Says.NAMED, FACTS + random.Random(1).randbytes(100_000))
add("log-of-an-unknown-device", "logs/F9FXQZZZZZ.log", Says.EITHER, FACTS)
add("clock-ten-years-ahead", LOG, Says.READ, FACTS.replace(b"2026-", b"2036-"))
add("clock-at-the-epoch", LOG, Says.READ, FACTS.replace(b"2026-05-17", b"1970-01-01"))
add("last-year-that-a-date-can-have", LOG, Says.EITHER, FACTS.replace(b"2026-05-17", b"9999-12-31"))

# The date and time of a hit line as text, in either of the article's forms.
IMPOSSIBLE = {
    "year-0000": "0000-05-17 08:46:07.000",
    "month-13": "2026-13-17 08:46:07.000",
    "feb-30": "2026-02-30 08:46:07.000",
    "hour-25": "2026-05-17 25:61:61.000",
    "zone-plus-99": "2026-05-17T08:46:07.000+99:00",
    "year-0000-z": "0000-05-17T08:46:07.000Z",
}
for what, impossible in IMPOSSIBLE.items():
    damaged = f"{impossible} INFO com.apple.DeviceManagement.Enrollment [ABM] {LINES[1].partition('[ABM] ')[2]}"
    body = text([*LINES[:2], damaged, *LINES[2:]])
    add(f"log-stamp-{what}", LOG, Says.NAMED, body, lines=(3,), shows=FAILED)
LEAP = "2026-05-16 23:59:60.500 INFO com.apple.DeviceManagement.Enrollment [ABM] ABMRegistrationStarted"
add("log-stamp-leap-second", LOG, Says.EITHER, text([LEAP, *LINES]))


def frame(message: str, lie: int = 0) -> bytes:
    """An RFC 6587 octet-counted frame; `lie` is added to its count."""
    body = message.encode()
    return f"{len(body) + lie} ".encode() + body


FRAMED = [
    f"<11>1 {stamp(VICTIM_BOOT_S + n)} {VICTIM} mdmclient 77 - - {line.partition(' com.apple.')[2].partition(' ')[2]}"
    for n, line in enumerate(LINES)
]
FRAMES = "syslog/frames.log"
add("frames-with-true-counts", FRAMES, Says.EITHER, b"".join(map(frame, FRAMED)), shows=FAILED)
for what, lie in (("too-long", 7), ("too-short", -9), ("beyond-the-end", 9_000), ("huge", 10**30)):
    frames = [frame(message, lie if n == 2 else 0) for n, message in enumerate(FRAMED)]
    add(f"frame-count-{what}", FRAMES, Says.NAMED, b"".join(frames))


@hostile(LOG, Says.EITHER)
def nothing_but_hits(at: Path) -> Iterator[bytes]:
    """100,000 facts of one device, each with an identifier of its own."""
    return (text([log_line(VICTIM_BOOT_S, f"deviceIdentifier={n:064x}")]) for n in range(100_000))


@hostile(LOG, Says.EITHER)
def one_fact_repeated(at: Path) -> Iterator[bytes]:
    """20 MB of the same error."""
    return (text([iso_line(VICTIM_BOOT_S, REJECTED)]) * 1000 for _ in range(100))


@hostile("logs/shared.log", Says.EITHER)
def lines_that_claim_every_name(at: Path) -> bytes:
    """Lines whose fields name several devices at once, and names that no device can have."""
    keys = ("serial=", "serial==", "serial=;", f"serial={'A' * 5000}", "udid=../../x", "serial=\x1b[31m", "serial=%s%n")
    return text(log_line(VICTIM_BOOT_S + n, f"ABMRegistrationStarted {key}") for n, key in enumerate(keys))


@hostile(LOG, Says.READ)
def near_misses(at: Path) -> bytes:
    """The words of facts inside other messages, of which none is a fact."""
    quoted = ("ABMRegistrationFailedWithErrorDomain", "ABMDeviceRegistered", "DEPDeviceEnrolled")
    return text(noise_line(VICTIM_BOOT_S + n, f'note: server said "{words}"') for n, words in enumerate(quoted))


@hostile("logs/many/index.log", Says.EITHER)
def ten_thousand_tiny_files(at: Path) -> None:
    """As many files as an archive may have members."""
    for number in range(10_000):
        at.with_name(f"{number}.log").write_bytes(b"noise\n")


@hostile(LOG, Says.READ, shows=FAILED)
def log_folder_with_a_log_name(at: Path) -> bytes:
    """A folder that is called like a log, beside a good log."""
    at.with_name(f"{CONFIRMED[0]}-old.log").mkdir()
    return FACTS
