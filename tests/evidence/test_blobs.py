"""What is kept: bytes under their digest, and what opens a commitment."""

import io
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.evidence import blobs
from abm_trace.evidence.entry import commitment
from abm_trace.evidence.errors import EvidenceError, FormatError, UnreadableError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.lines import Lines


class Broken(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, _size: int | None = -1) -> bytes:
        """Fails."""
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize("data", [b"", b"one line\n", os.urandom(3_000_000), bytes(5_000_000)])
def test_kept_and_opened(data: bytes, tmp_path: Path) -> None:
    """If this failed, an input would not come back as it was."""
    folder = Folder(tmp_path)
    kept = blobs.keep(folder, io.BytesIO(data), blobs.Binding("x"), os.urandom)
    again = blobs.keep(folder, io.BytesIO(data), blobs.Binding("y"), os.urandom)
    assert (kept.secret.sha256, kept.size_bytes) == (again.secret.sha256, len(data))
    assert kept.commitment == commitment(kept.secret.nonce, data) != again.commitment
    path = blobs.path_of(kept.secret.sha256)
    assert again.stored == commitment(again.secret.nonce, (tmp_path / path).read_bytes())
    with (tmp_path / path).open("rb") as file:
        opened = blobs.open_stored(file, kept.secret.nonce, len(data))
    assert (opened.problem, opened.commitment, opened.size_bytes) == ("", kept.commitment, len(data))
    with (tmp_path / path).open("rb") as file:
        assert b"".join(blobs.expand(file, kept.secret.sha256, len(data))) == data


def test_a_bomb_is_bounded(tmp_path: Path) -> None:
    """If this failed, a kept file that was swapped for a bomb would fill the memory of the check."""
    folder = Folder(tmp_path)
    kept = blobs.keep(folder, io.BytesIO(bytes(50_000_000)), blobs.Binding(), os.urandom)
    stored = (tmp_path / blobs.path_of(kept.secret.sha256)).read_bytes()
    opened = blobs.open_stored(io.BytesIO(stored), bytes(32), 10)
    assert (opened.problem, opened.size_bytes) == ("longer than its entry says", 11)
    taken: list[bytes] = []
    with pytest.raises(EvidenceError, match="longer than its entry says"):
        taken.extend(blobs.expand(io.BytesIO(stored), kept.secret.sha256, 3_000_000))
    assert sum(map(len, taken)) <= 3_000_000
    for damaged in (stored[:-1], stored[:5], b"", stored + b"x", b"x" + stored, stored + stored):
        assert blobs.open_stored(io.BytesIO(damaged), bytes(32), 50_000_000).problem


def test_a_damaged_copy_is_not_trusted(tmp_path: Path) -> None:
    """If this failed, an input would be committed to that is no longer there."""
    folder = Folder(tmp_path)
    kept = blobs.keep(folder, io.BytesIO(b"x"), blobs.Binding(), os.urandom)
    path = tmp_path / blobs.path_of(kept.secret.sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(EvidenceError, match="damaged"):
        blobs.keep(folder, io.BytesIO(b"x"), blobs.Binding(), os.urandom)
    with path.open("rb") as file, pytest.raises(EvidenceError, match=r"damaged|not what its name"):
        list(blobs.expand(file, kept.secret.sha256, 1))
    with pytest.raises(UnreadableError, match="Input/output"):
        blobs.keep(folder, Broken(), blobs.Binding(), os.urandom)
    assert not list((tmp_path / "tmp").iterdir())


@given(st.text(max_size=50), st.lists(st.text(max_size=10), max_size=3))
def test_lines_go_both_ways(path: str, tokens: list[str]) -> None:
    """If this failed, a hostile file name could break the private lines."""
    try:
        binding = blobs.Binding(path, tokens=tuple(tokens)).encode()
    except UnicodeEncodeError:
        return
    secret = blobs.Secret(bytes(range(32)), "ab" * 32, binding)
    line = secret.render()
    assert "\n" not in line
    assert blobs.Secret.parse(line) == secret
    assert blobs.binding_of(secret.binding).path == path


@pytest.mark.parametrize("line", ["", "x", "00 11 {}", "g" * 64 + " " + "a" * 64 + " {}", "-x"])
def test_no_line(line: str) -> None:
    """If this failed, a damaged line would be taken for a nonce."""
    with pytest.raises(FormatError):
        blobs.Secret.parse(line)
    assert blobs.Secret.parse("-") is None


def test_a_binding_is_bounded() -> None:
    """If this failed, an export of a whole rollout would bring megabytes into each private file."""
    devices = tuple(blobs.Ids(f"F9FXQ{number:05d}", "u" * 36, "v" * 36, "w" * 25) for number in range(12_400))
    data = blobs.Binding("audit.ndjson", devices).encode()
    assert len(data) <= blobs.BINDING_BYTES_MAX
    found = blobs.binding_of(data)
    assert len(found.devices) + found.more == 12_400
    assert len(found.devices) > 200
    with pytest.raises(EvidenceError):
        blobs.Binding("x" * 70_000).encode()
    with pytest.raises(FormatError):
        blobs.lines_of(b"-\n-")
    with pytest.raises(FormatError):
        blobs.lines_of(b"\xff\n")


def test_one_frame_alone_is_read() -> None:
    """If this failed, a few MB of empty frames would keep whoever reads a bundle busy for minutes."""
    packer = blobs.Packer()
    right = b"".join(packer.pack([b"line\n"]))
    assert b"".join(blobs.unpack(io.BytesIO(right))) == b"line\n"
    empty = b"".join(packer.pack([]))
    began = time.process_time()
    for data in (empty * 2_000_000, right + empty, right[:-1], b"", b"x" + right, right + b"x", empty + right):
        with pytest.raises(EvidenceError, match=r"kept file is (damaged|cut)"):
            list(blobs.unpack(io.BytesIO(data)))
    assert time.process_time() - began < 1
    large = b"".join(packer.pack([os.urandom(2_500_000), bytes(9_000_000)]))
    assert sum(map(len, blobs.unpack(io.BytesIO(large)))) == 11_500_000


@pytest.mark.parametrize("pieces", [1 << 20, 999_983, 3 << 20])
def test_a_file_of_newlines_is_no_file_of_lines(pieces: int, tmp_path: Path) -> None:
    """If this failed, 60 MB that take 2 KB would keep the log busy for half a minute."""
    data = b"\n" * 20_000_000
    began = time.process_time()
    kept = blobs.keep(Folder(tmp_path), Pieces(data, pieces), blobs.Binding("x"), os.urandom)
    assert time.process_time() - began < 4
    assert kept.lines == ""
    with (tmp_path / blobs.path_of(kept.secret.sha256)).open("rb") as file:
        opened = blobs.open_stored(file, kept.secret.nonce, len(data))
    assert (opened.problem, opened.commitment, opened.lines) == ("", kept.commitment, "")
    text = b"short\n" * 80_000 + b"2026-01-01 DEBUG boot\n" * 100_000
    kept = blobs.keep(Folder(tmp_path), Pieces(text, pieces), blobs.Binding("x"), os.urandom)
    right = Lines(kept.secret.nonce)
    right.update(text)
    assert kept.lines == right.hexdigest()


class Pieces(io.BytesIO):
    """A file that gives so many bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self.size = size

    def read(self, _size: int | None = -1) -> bytes:
        """The next of them."""
        return super().read(self.size)
