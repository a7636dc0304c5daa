"""Which devices a whole capture names."""

from pathlib import Path

from tests.pipeline.reading_of import blob, line

from abm_trace.pipeline.names import NAMES_MAX, names_in


def test_names_anywhere_in_a_capture_are_found(tmp_path: Path) -> None:
    """Lines that name nobody would belong to nobody, though the capture says whose it is."""
    udid = "00008103-001122334455667A"
    data = line(1, "noise serial=F9FXQ1ABCD") + line(2, f'x UDID="{udid}"') + line(3, "serial=")
    assert names_in(blob(tmp_path, data.encode())) == {"F9FXQ1ABCD", udid}


def test_a_flood_of_names_is_bounded(tmp_path: Path) -> None:
    """A hostile file would fill the memory with names."""
    data = "".join(line(1, f"serial=F9F{number:07d}") for number in range(NAMES_MAX * 3))
    assert len(names_in(blob(tmp_path, data.encode()))) == NAMES_MAX + 1
