"""The file of a bundle: any tar reads it, and there is one way to write it."""

import contextlib
import io
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as some

from abm_trace.evidence.bundle_file import Bundle, BundledFolder, BundleWriter, writing
from abm_trace.evidence.errors import EvidenceError, FormatError

PARTS = {"about/README.txt": b"read me\n", "evidence/raw/ab/x.zst": bytes(600), "evidence/tile/0/000": b"x" * 512}


def write(path: Path) -> bytes:
    """A small bundle."""
    with writing(path) as writer:
        for name, data in PARTS.items():
            writer.add(name, [data[:5], data[5:]])
    return path.read_bytes()


def test_any_tar_reads_it(tmp_path: Path) -> None:
    """If this failed, an auditor would need us to open a bundle."""
    path = tmp_path / "bundle.tar"
    write(path)
    with tarfile.open(path) as tar:
        assert {each.name: tar.extractfile(each).read() for each in tar} == PARTS  # type: ignore[union-attr]
    listed = subprocess.run(["tar", "tf", str(path)], capture_output=True, text=True, check=True).stdout
    assert listed.splitlines() == list(PARTS)
    bundle = Bundle(path)
    assert {name: bundle.read(name, 1000) for name in bundle.members} == PARTS
    folder = BundledFolder(bundle)
    assert list(folder.below("tile")) == ["tile/0/000"]
    assert folder.read("tile/0/000", 512) == b"x" * 512
    assert folder.read("tile/0/001", 512) is None


def test_no_byte_of_headers_and_gaps_is_free(tmp_path: Path) -> None:
    """If this failed, something could be hidden in a bundle, or its parts be renamed."""
    path = tmp_path / "bundle.tar"
    data = write(path)
    inside = {at for start, size in Bundle(path).members.values() for at in range(start, start + size)}
    with path.open("r+b") as file:
        for at in set(range(len(data))) - inside:
            write_byte(file, at, data[at] ^ 1)
            with contextlib.suppress(FormatError):
                found = Bundle(path).members
                assert found.keys() != PARTS.keys(), at  # Another name, which is in order: the parts are not those.
            write_byte(file, at, data[at])


def write_byte(file: BinaryIO, at: int, byte: int) -> None:
    """Put a byte into the file."""
    file.seek(at)
    file.write(bytes([byte]))
    file.flush()


@pytest.mark.parametrize("change", [lambda data: data + b"\0", lambda data: data[:-1], lambda data: data[:700]])
def test_cut_or_continued(change: "object", tmp_path: Path) -> None:
    """If this failed, a bundle that broke off would pass for a whole one."""
    path = tmp_path / "bundle.tar"
    path.write_bytes(change(write(path)))  # type: ignore[operator]
    with pytest.raises(FormatError, match="byte"):
        Bundle(path)


@given(some.binary(max_size=2000))
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    """If this failed, a hostile file would raise something that nobody catches."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(data)
        with pytest.raises(FormatError):
            Bundle(path)


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "a/../b", "a b", "é", "x" * 100, ""])
def test_names(name: str) -> None:
    """If this failed, a bundle could unpack to where it must not."""
    with pytest.raises((FormatError, ValueError)):
        BundleWriter(io.BytesIO()).add(name, [])


def test_half_of_one_is_never_seen(tmp_path: Path) -> None:
    """If this failed, a bundle that could not be finished would be handed on."""

    def fails() -> None:
        with writing(tmp_path / "b.tar") as writer:
            writer.add("about/a", [b"x"])
            raise EvidenceError("no")

    with pytest.raises(EvidenceError):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_one_left(tmp_path: Path) -> None:
    """If this failed, evidence would lie about beside the bundle for ever."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    gone, stays = (
        tmp_path / f".b.tar.{ended.pid}.part",
        [tmp_path / f".{each}" for each in ("b.tar.1.part", "b.tar.x.part")],
    )
    for each in (gone, *stays, tmp_path / f".c.tar.{ended.pid}.part"):
        each.write_bytes(b"x")
    write(tmp_path / "b.tar")
    assert not gone.exists()
    assert len(list(tmp_path.glob(".*"))) == 3
