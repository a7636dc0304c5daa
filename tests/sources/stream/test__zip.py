"""Zips whose directory tells the truth, lies, or is not there."""

import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.stream.packing import unpacked, zipped

TREE = {"logs/a.log": b"one\n" * 300, "empty": b"", "b": bytes(range(256)) * 40}
PATHS = {f"a/{name}": data for name, data in TREE.items()}
METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("piped", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_members_of_every_method_are_read(tmp_path: Path, method: int, piped: bool) -> None:
    """A zip by another program would be refused."""
    assert unpacked(tmp_path, zipped(TREE, method, piped=piped)) == (PATHS, {})


@pytest.mark.parametrize("piped", [False, True])
@pytest.mark.parametrize("part", range(1, 20))
def test_what_comes_before_a_cut_is_read(tmp_path: Path, part: int, piped: bool) -> None:
    """A transfer that broke off would lose all, or pass for whole."""
    data = zipped({str(n): b"%d\n" % n * 2000 + bytes(range(256)) * 4 for n in range(10)}, piped=piped)
    read, named = unpacked(tmp_path, data[: len(data) * part // 20])
    assert named
    whole = [path for path in read if path not in named]
    assert len(whole) >= part // 2 - 2
    for path in whole:
        assert read[path] == b"%s\n" % path[2:].encode() * 2000 + bytes(range(256)) * 4


def test_bytes_around_it_are_named(tmp_path: Path) -> None:
    """What makes it unpack itself, or was appended, would hide the zip or be dropped in silence."""
    read, named = unpacked(tmp_path, b"#!/bin/sh\n" * 9 + zipped(TREE) + b"tail")
    assert read == PATHS
    assert "after the end" in named["a"]
    assert "90 bytes before the zip" in unpacked(tmp_path, b"#!/bin/sh\n" * 9 + zipped(TREE))[1]["a"]


def test_overlapping_members_are_read_once(tmp_path: Path) -> None:
    """One kernel listed a thousand times is the better bomb (CASE.md: overlapping)."""
    data = zipped({"x": b"1" * 100})
    begin = data.index(b"PK\x01\x02")
    entry = data[begin : data.index(b"PK\x05\x06")]
    copies = b"".join(entry[:46] + b"%c" % (0x61 + n) for n in range(20))
    end = struct.pack("<4s4xHHIIH", b"PK\x05\x06", 21, 21, 21 * len(entry), begin, 0)
    read, named = unpacked(tmp_path, data[:begin] + entry + copies + end)
    assert read == {"a/x": b"1" * 100}
    assert sum("overlaps" in reason for reason in named.values()) == 20


@pytest.mark.parametrize(("field", "value"), [(24, 5), (24, 1 << 30), (20, 3), (20, 1 << 30), (16, 7)])
def test_lies_about_sizes_and_checksums_are_named(tmp_path: Path, field: int, value: int) -> None:
    """A member that is not what was packed would pass for it; an allocation would be what the zip says."""
    data = bytearray(zipped({"x": b"123456789" * 100}))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + field, value)
    read, named = unpacked(tmp_path, bytes(data))
    assert named
    assert len(read.get("a/x", b"")) <= 900


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """An encrypted member, or one of a method that we lack, would be dropped in silence or read as noise."""
    data = zipped({"x": b"1" * 100})
    central = data.index(b"PK\x01\x02")
    for at, local, value, word in ((8, 6, 1, "encrypted"), (10, 8, 9, "method 9"), (10, 8, 99, "encrypted")):
        changed = bytearray(data)
        changed[central + at] = changed[local] = value
        read, named = unpacked(tmp_path, bytes(changed))
        assert not read
        assert word in named["a/x"]


def test_links_are_named(tmp_path: Path) -> None:
    """The text of a link would be read as a log."""
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    read, named = unpacked(tmp_path, (tmp_path / "z").read_bytes())
    assert (read, list(named)) == ({}, ["a/link"])


def test_what_the_directory_hides_is_named(tmp_path: Path) -> None:
    """A member that was taken off the list would lie there unseen."""
    data = zipped({"x": b"1" * 100, "y": b"2" * 100}, zipfile.ZIP_STORED)
    begin, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    one = data[begin : begin + 47]
    tail = struct.pack("<4s4xHHIIH", b"PK\x05\x06", 1, 1, len(one), begin, 0)
    assert end - begin == 2 * len(one)
    read, named = unpacked(tmp_path, data[:begin] + one + tail)
    assert read == {"a/x": b"1" * 100}
    assert "does not list" in named["a"]


def test_names_in_other_encodings_and_with_backslashes(tmp_path: Path) -> None:
    """Zips from Windows would name no folder, or end the reading."""
    data = zipped({"logs_X.log": b"1"}).replace(b"logs_X.log", b"logs\\\x81.log")
    assert unpacked(tmp_path, data)[0] == {"a/logs/ü.log": b"1"}


def test_nothing_in_it_is_named(tmp_path: Path) -> None:
    """An archive that gave nothing would look as if it had been used."""
    assert unpacked(tmp_path, zipped({})) == ({}, {"a": "a zip that holds no file"})


@given(data=st.binary(max_size=60), place=st.integers(0, 1200), size=st.integers(0, 60), piped=st.booleans())
def test_any_damage_ends_in_names(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, place: int, size: int, piped: bool
) -> None:
    """A reader of foreign bytes raises its own error and nothing else."""
    whole = bytearray(zipped(TREE, piped=piped))
    whole[place : place + size] = data
    unpacked(tmp_path_factory.getbasetemp(), bytes(whole))
