"""Which devices a whole capture names."""

import gzip
from pathlib import Path

import pytest
from tests.pipeline import building
from tests.pipeline.reading_of import blob, line

from abm_trace.pipeline.names import NAMES_MAX, names_in


def test_names_anywhere_in_a_capture_are_found(tmp_path: Path) -> None:
    """Lines that name nobody would belong to nobody, though the capture says whose it is."""
    udid = "00008103-001122334455667A"
    data = line(1, "noise serial=F9FXQ1ABCD") + line(2, f'x UDID="{udid}"') + line(3, "serial=")
    assert names_in(blob(tmp_path, data.encode())) == {"F9FXQ1ABCD", udid}


@pytest.mark.parametrize("word", ["connected", "disconnected"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_idevicesyslog_says_of_its_device_names_it(tmp_path: Path, word: str, ends: str, mark: str) -> None:
    """A capture named after the day would belong to nobody, though its first line says whose it is."""
    udid = "00008103-001122334455667A"
    data = f"{mark}[{word}:{udid}]{ends}" + line(1, "noise [connected:00008103-AAAABBBBCCCCDDDD] of another")
    assert names_in(blob(tmp_path, data.encode())) == {udid}


@pytest.mark.parametrize("header", ["[connected]", "[connected:]"])
def test_a_device_that_is_not_named_there_is_none(tmp_path: Path, header: str) -> None:
    """Before 1.3 idevicesyslog said only that a device was there."""
    assert names_in(blob(tmp_path, f"{header}\n{line(1, 'noise')}".encode())) == frozenset()


def test_a_flood_of_names_is_bounded(tmp_path: Path) -> None:
    """A hostile file would fill the memory with names."""
    data = "".join(line(1, f"serial=F9F{number:07d}") for number in range(NAMES_MAX * 3))
    assert len(names_in(blob(tmp_path, data.encode()))) == NAMES_MAX + 1


def test_a_word_that_only_ends_like_a_key_is_none(tmp_path: Path) -> None:
    """A token's serial would be a device: a capture that names one device would seem to name two."""
    assert names_in(blob(tmp_path, b"noise\ntokenserial=F9FXQ1ABCD\n")) == frozenset()


def test_packed_and_damaged_captures_are_asked_too(tmp_path: Path) -> None:
    """What was read of a damaged capture would belong to nobody."""
    data = b"noise\n" * 100 + b"serial=F9FXQ1ABCD\n" + b"noise\n" * 1000
    assert names_in(blob(tmp_path, gzip.compress(data))) == {"F9FXQ1ABCD"}
    assert names_in(blob(tmp_path, building.cut_gzip(data, 4))) == {"F9FXQ1ABCD"}
