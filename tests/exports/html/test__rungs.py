"""Where each rung stands and when it was reached."""

from tests.exports import building
from tests.exports.building import AS_OF, report, verdict
from tests.exports.html import reading

from abm_trace.core.instants import parse
from abm_trace.core.nouns import Origin
from abm_trace.exports import Report, Screen
from abm_trace.exports.html import render


def test_rungs_have_their_place_and_time(traced: Report) -> None:
    """If this failed, the ladder of a device could not say when a rung was reached, nor where that stands."""
    page = reading.embedded(render(traced, Screen()))
    said = {each["serial"]: each for each in reading.devices(page)}
    dated = 0
    for each, line in zip(traced.verdicts, reading.verdicts(page), strict=True):
        rungs = reading.rungs(page, said[each.serial])
        proved = {rung: origin for rung, origin in each.rungs.items() if origin is not None}
        assert rungs.keys() == proved.keys()
        if each.last_rung in rungs:
            ms = rungs[each.last_rung][3]
            assert isinstance(ms, int | float)
            assert each.last_rung_at == parse(line["last_seen"]) + round(ms * 1000)
            dated += 1
        for rung, origin in proved.items():
            path, how, number, _ = rungs[rung]
            assert path == origin.path
            assert number == (origin.line, origin.record, origin.offset)[how]
    assert dated


def test_a_boot_is_dated_by_its_capture_and_corrected_by_the_clock() -> None:
    """If this failed, the ladder would say that a device booted without saying when, or say what its clock said."""
    path = "logs/F9FXQ1ABCD.log"
    held = building.reading(path, captures=True, first_at=AS_OF - 80_000_000)
    device = verdict(rungs={"booted": Origin(path, "article", 0, 0)}, last_seen=AS_OF - 90_000_000)
    page = reading.embedded(render(report(device, readings=(held,)), Screen()))
    (said,) = reading.devices(page)
    assert reading.rungs(page, said) == {"booted": (path, 2, 0, 10_000 - 19_345)}


def test_a_place_without_a_path_is_no_other_place() -> None:
    """If this failed, a rung of a damaged origin would be said to stand where another word stands."""
    device = verdict(rungs={"known": None, "synced": Origin("", "x", 0, 9, 3)})
    page = reading.embedded(render(report(device), Screen()))
    (said,) = reading.devices(page)
    assert reading.rungs(page, said) == {"synced": ("", 0, 3, None)}
