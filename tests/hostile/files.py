"""Hostile files: no regular ones, odd names, deep folders, and files that move while they are read."""

import contextlib
import os
import random
import stat
import threading
from pathlib import Path

import pytest
from tests.hostile.base_case import FAILED_L6, NOT_STARTED, VICTIM, failing_log, noise_line, text
from tests.hostile.registry import Says, add, hostile

LOG = f"logs/{VICTIM}.log"
FACTS = text(failing_log())
FAILED = (VICTIM, FAILED_L6)
UNTOUCHED = (VICTIM, NOT_STARTED)
GARBAGE = b"\x00\x01\xfe\xff" + random.Random(3).randbytes(4000)

add("empty-file", LOG, Says.EITHER, b"")
add("binary-garbage", "garbage.bin", Says.NAMED, GARBAGE)
add("folder-that-is-empty", "logs/nothing/index", Says.EITHER, lambda at: at.mkdir())


@hostile(LOG, Says.NAMED)
def fifo(at: Path) -> None:
    """Whoever opens it waits for a writer that never comes."""
    os.mkfifo(at)


@hostile("logs/socket.log", Says.NAMED)
def socket(at: Path) -> None:
    """A socket cannot be opened at all."""
    os.mknod(at, 0o600 | stat.S_IFSOCK)


@hostile("logs/zero.log", Says.NAMED)
def device_node(at: Path) -> None:
    """A device that never ends, /dev/zero."""
    try:
        os.mknod(at, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("device nodes need privileges")


@hostile(LOG, Says.NAMED)
def unreadable_file(at: Path) -> None:
    """A file without permission."""
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    at.write_bytes(FACTS)
    at.chmod(0)


@hostile("logs/closed", Says.NAMED)
def unreadable_folder(at: Path) -> None:
    """A folder without permission."""
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    at.mkdir()
    (at / "x.log").write_bytes(FACTS)
    at.chmod(0)


@hostile(LOG, Says.NAMED)
def link_to_nothing(at: Path) -> None:
    """A link whose target is missing."""
    at.symlink_to("missing.log")


@hostile(LOG, Says.NAMED, shows=UNTOUCHED)
def link_out_of_the_case(at: Path) -> None:
    """Good evidence, but not of this case."""
    outside = at.parents[2] / "aside" / at.name
    outside.write_bytes(FACTS)
    at.symlink_to(f"../../aside/{at.name}")


@hostile("logs/outside", Says.NAMED, shows=UNTOUCHED)
def folder_link_out_of_the_case(at: Path) -> None:
    """A link to a folder of good evidence that is not of this case."""
    outside = at.parents[2] / "aside" / "outside"
    outside.mkdir()
    (outside / f"{VICTIM}.log").write_bytes(FACTS)
    at.symlink_to(outside)


@hostile("logs/passwd.log", Says.NAMED)
def link_to_passwd(at: Path) -> None:
    """A link to something that nobody should be shown."""
    at.symlink_to("/etc/passwd")


@hostile("logs/loop.log", Says.NAMED)
def link_loop(at: Path) -> None:
    """Two links that point at each other."""
    at.symlink_to("pool.log")
    at.with_name("pool.log").symlink_to("loop.log")


@hostile("logs/again", Says.NAMED)
def folder_loop(at: Path) -> None:
    """A link to the case itself."""
    at.symlink_to("..")


# --- names -----------------------------------------------------------------------------------------------------------

add("name-with-newline", "a\nb\r.bin", Says.NAMED, GARBAGE)
add("name-with-escapes", "\x1b[31mred\x1b]0;title\x07.bin", Says.NAMED, GARBAGE)
add("name-with-bidi", "evil\u202egol.bin", Says.NAMED, GARBAGE)
add("name-with-markup", "<script>alert(1)<", Says.NAMED, GARBAGE)
add("name-like-an-option", "--help", Says.NAMED, GARBAGE)
add("name-of-255-bytes", f"{'n' * 251}.bin", Says.NAMED, GARBAGE)
add("name-of-no-text", os.fsdecode(b"bytes-\xff\xfe.bin"), Says.NAMED, GARBAGE, names="bytes-")
add("name-that-cannot-be-a-member", "x.zip\\..\\..\\evil", Says.NAMED, GARBAGE)
add("folders-200-deep", f"{'d/' * 200}{VICTIM}.log", Says.READ, FACTS, shows=FAILED)


@hostile("deep", Says.EITHER)
def folders_longer_than_a_path_may_be(at: Path) -> None:
    """A file that no path can name: the folders above it have more than 4,096 bytes."""
    at.mkdir()
    folder = os.open(at, os.O_DIRECTORY)
    for _ in range(60):
        os.mkdir("d" * 100, dir_fd=folder)
        inner = os.open("d" * 100, os.O_DIRECTORY, dir_fd=folder)
        os.close(folder)
        folder = inner
    log = os.open("x.log", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=folder)
    os.write(log, FACTS)
    os.close(log)
    os.close(folder)


# --- files that move -------------------------------------------------------------------------------------------------

MOVING = f"logs/moving/{VICTIM}.log"
# Enough for the longest run, too little to fill a disk.
ROUNDS_MAX = 20_000


def grow(at: Path, stop: threading.Event) -> None:
    """Appends lines until the run ends."""
    with at.open("ab", buffering=0) as file:
        for number in range(ROUNDS_MAX):
            file.write(text([noise_line(400 + number / 100, "x" * 2000)]))
            if stop.wait(0.0005):
                return


def shrink(at: Path, stop: threading.Event) -> None:
    """Cuts the file to nothing and fills it again, which kills whoever has mapped it."""
    body = at.read_bytes()
    for _ in range(ROUNDS_MAX):
        os.truncate(at, 0)
        if stop.wait(0.001):
            return
        at.write_bytes(body)


def vanish(at: Path, stop: threading.Event) -> None:
    """Removes one file after the other."""
    for file in sorted(at.parent.iterdir()):
        file.unlink()
        if stop.wait(0.002):
            return


def swap(at: Path, stop: threading.Event) -> None:
    """Puts a fifo in the file's place and the file back: what was looked at is not what is opened."""
    aside = at.parents[3] / "aside" / "swapped"
    for number in range(ROUNDS_MAX):
        if number % 2:
            aside.write_bytes(FACTS)
        else:
            os.mkfifo(aside)
        aside.replace(at)
        if stop.wait(0.0005):
            return


@hostile(MOVING, Says.EITHER, meanwhile=grow)
def growing_file(at: Path) -> bytes:
    """A log that is still being written."""
    return FACTS


@hostile(MOVING, Says.EITHER, meanwhile=shrink)
def shrinking_file(at: Path) -> bytes:
    """A log that is rotated in place while it is read."""
    return FACTS + text(noise_line(400 + n / 100, "x" * 2000) for n in range(10_000))


@hostile(MOVING, Says.EITHER, meanwhile=vanish)
def vanishing_files(at: Path) -> bytes:
    """Logs that are removed one by one, some of them between being listed and being opened."""
    for number in range(1500):
        with contextlib.suppress(FileExistsError):
            at.with_name(f"{number:04}.log").write_bytes(b"noise\n")
    return FACTS


@hostile(MOVING, Says.EITHER, meanwhile=swap)
def file_swapped_for_a_fifo(at: Path) -> bytes:
    """A file that is a fifo by the time it is opened."""
    return FACTS
