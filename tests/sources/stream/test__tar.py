"""Tars of all kinds, whole and damaged."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.stream.packing import PACK, tar, unpacked

from abm_trace.sources.stream._tar import BLOCK_BYTES

TREE = {"logs/a.log": b"one\n" * 300, "empty": b"", "ünï/" + "n" * 120 + "/" + "m" * 130: b"q" * 1000}
PATHS = {f"a/{name}": data for name, data in TREE.items()}


@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_members_are_read_under_their_whole_names(tmp_path: Path, kind: int) -> None:
    """A long or foreign name would be cut, and its device be another."""
    assert unpacked(tmp_path, tar(TREE, kind)) == (PATHS, {})


@pytest.mark.parametrize("part", range(1, 20))
def test_what_comes_before_a_cut_is_read(tmp_path: Path, part: int) -> None:
    """A transfer that broke off would lose all, or pass for whole."""
    data = tar({str(n): b"%d\n" % n * 2000 for n in range(10)})
    read, named = unpacked(tmp_path, data[: len(data) * part // 20])
    assert named or len(read) == 10  # A cut behind the last member loses nothing.
    for path, text in read.items():
        assert (b"%s\n" % path[2:].encode() * 2000).startswith(text)
    assert len(read) >= part // 2 - 1


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_of_a_compressed_member_in_a_cut_tar_what_is_there_is_read(tmp_path: Path, kind: str) -> None:
    """Where the cut comes too early for a chunk, the member would be lost whole."""
    packed = PACK[kind](b"one line\n" * 9)
    read, named = unpacked(tmp_path, tar({"a": packed})[: BLOCK_BYTES + len(packed) - 1])
    assert read == {"a/a": b"one line\n" * 9}
    assert "the tar is cut inside of this member" in named["a/a"]


def test_a_damaged_header_costs_its_member_alone(tmp_path: Path) -> None:
    """One bad block would cost all that follow."""
    data = bytearray(tar({"a": b"1", "b": b"2", "c": b"3"}, tarfile.USTAR_FORMAT))
    data[1024 + 3] ^= 1
    read, named = unpacked(tmp_path, bytes(data))
    assert read == {"a/a": b"1", "a/c": b"3"}
    assert "checksum" in named["a"]


def test_links_and_devices_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    """CASE.md: links and devices inside a tar are named, its regular members still read."""
    out = io.BytesIO()
    kinds = {"sym": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "fifo": tarfile.FIFOTYPE, "dev": tarfile.BLKTYPE}
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in kinds.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        info = tarfile.TarInfo("folder/x")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    read, named = unpacked(tmp_path, out.getvalue())
    assert read == {"a/folder/x": b"x"}
    assert named.keys() == {f"a/{name}" for name in kinds}


@pytest.mark.skipif(not shutil.which("tar"), reason="no tar here")
@pytest.mark.parametrize("version", ["", "0.0", "0.1", "1.0"])
def test_holes_are_zeros(tmp_path: Path, version: str) -> None:
    """A sparse member would be read shifted, or not at all."""
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.truncate(1 << 20)
        for place in (0, 300_000, (1 << 20) - 5):
            file.seek(place)
            file.write(b"here\n")
    kind = ["--format=pax", f"--sparse-version={version}"] if version else ["--format=gnu"]
    done = subprocess.run(["tar", "-S", *kind, "-cf", "t", "sparse"], cwd=tmp_path, check=False, capture_output=True)
    if done.returncode:
        pytest.skip("this tar knows no sparse members")
    assert unpacked(tmp_path, (tmp_path / "t").read_bytes()) == ({"a/sparse": sparse.read_bytes()}, {})


def test_bytes_behind_the_end_are_named_and_a_second_tar_is_read(tmp_path: Path) -> None:
    """CASE.md: trailing bytes are named; `cat a.tar b.tar` would lose b."""
    read, named = unpacked(tmp_path, tar({"x": b"1"}) + tar({"y": b"2"}) + b"trailing" * 64)
    assert read == {"a/x": b"1", "a/y": b"2"}
    assert "after the end" in named["a"]


def test_the_same_name_twice_is_two_members(tmp_path: Path) -> None:
    """What was appended to a tar would be cited as what it replaced."""
    assert unpacked(tmp_path, tar({"x": b"1"}) + tar({"x": b"2"}))[0] == {"a/x": b"1", "a/x (2)": b"2"}


@pytest.mark.parametrize("name", ["../../etc/x", "/etc/x", "a/../../x", "\x00", "", "C:/x", "n" * 5000])
def test_names_stay_inside(tmp_path: Path, name: str) -> None:
    """A path that climbs out would be shown, or used by another tool, as it is."""
    read, _ = unpacked(tmp_path, tar({name: b"1"}))
    ((path, data),) = read.items()
    assert data == b"1"
    assert path.startswith("a/")
    assert ".." not in path.split("/")
    assert len(path) < 1100


@given(data=st.binary(max_size=2000), place=st.integers(0, 8000), size=st.integers(0, 20))
def test_any_damage_ends_in_names(tmp_path_factory: pytest.TempPathFactory, data: bytes, place: int, size: int) -> None:
    """A reader of foreign bytes raises its own error and nothing else."""
    whole = bytearray(tar({"x" * 150: b"1" * 700, "y": b"2"}))
    whole[place : place + size] = data
    unpacked(tmp_path_factory.getbasetemp(), bytes(whole))
