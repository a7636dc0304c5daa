"""The firmware check: which devices are meant, and by which version or build they have the fix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.checks.firmware import (
    FIXED,
    NEEDS_FIX,
    NOT_AFFECTED,
    UNKNOWN,
    FirmwareError,
    Need,
    check,
    needs,
    parts,
)
from abm_trace.core.nouns import Device, Fact, Origin

WHOLE = '[[need]]\nid = "a"\ntitle = "a"\nfix = "a"\norigin = "a"\ndo = "a"\n'
ORIGIN = Origin("manifest.csv", "manifest", line=2)


def device(*facts: dict[str, str], **attrs: str) -> Device:
    """A device of which the manifest and these facts, in order of time, say something."""
    return Device("F9FXQ1ABCD", attrs, tuple(Fact("known", None, "mdm", "", each, ORIGIN) for each in facts))


def need(**more: object) -> Need:
    """A need of M4 iPad Pros."""
    return Need("x", "X", "the fix", "ours", "do", names=["iPad Pro M4"], models=["iPad16,3"], **more)  # type: ignore[arg-type]  # As a test likes.


def state(unit: Device, *wanted: Need) -> str:
    """What is said of one device."""
    (found,) = check([unit], wanted or needs())
    return found.state


@pytest.mark.parametrize("model", ["iPad16,3", "ipad16,6", "iPad Pro 11-inch (M4)", "13-inch iPad Pro (M4) Wi-Fi"])
def test_m4_ipad_pros_need_the_guides_update(model: str) -> None:
    """If this failed, the gate would let the devices through that it is there for."""
    assert state(device(model=model, os_version="18.4", build="22E240")) == NEEDS_FIX


@pytest.mark.parametrize("number", ["A2836", "a2926", "A2935"])
def test_model_numbers_mean_them_too(number: str) -> None:
    """If this failed, a manifest with the number on the box would pass; the guide's own number is one of them."""
    assert state(device(model_number=number)) == NEEDS_FIX


@pytest.mark.parametrize("model", ["iPad14,1", "iPad Pro 11-inch (M5)", "iPad Air (M4)", "iPad16,33", "Mac16,3"])
def test_others_do_not(model: str) -> None:
    """If this failed, devices would be held up that nothing is known against."""
    assert state(device(model=model)) == NOT_AFFECTED


@pytest.mark.parametrize("model", ["", "iPad", "iPad Pro", "  "])
def test_what_is_not_told_is_not_known(model: str) -> None:
    """If this failed, an inventory that says too little would look like a clean one."""
    assert state(device(model=model)) == UNKNOWN


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("18.4", NEEDS_FIX),
        ("18.9.9", NEEDS_FIX),
        ("18.10", FIXED),
        ("iPadOS 26.1 (23B85)", FIXED),
        ("", UNKNOWN),
        ("x", UNKNOWN),
    ],
)
def test_versions_are_compared_as_versions(version: str, expected: str) -> None:
    """If this failed, 18.10 would be older than 18.4, as the guide's own rule has it."""
    assert state(device(model="iPad16,3", os_version=version), need(fixed_from="18.10")) == expected


@pytest.mark.parametrize(("build", "expected"), [("22h1", FIXED), ("22E240", NEEDS_FIX), ("", UNKNOWN)])
def test_builds_may_say_it(build: str, expected: str) -> None:
    """If this failed, an admin's own list of builds would not count."""
    assert state(device(model="iPad16,3", build=build), need(fixed_builds=["22H1"])) == expected


def test_the_newest_word_on_the_version_counts() -> None:
    """If this failed, a device that was updated since the manifest was written would be held up."""
    unit = device({"os_version": "18.4"}, {"os_version": "26.1"}, model="iPad16,3", os_version="18.0")
    (found,) = check([unit], [need(fixed_from="18.10")])
    assert (found.state, found.os_version, found.evidence) == (FIXED, "26.1", (ORIGIN,))


def test_the_worst_need_decides() -> None:
    """If this failed, a need that is met would hide one that is not."""
    wanted = [need(fixed_from="18.0"), Need("y", "Y", "other", "ours", "do", models=["iPad16,3"])]
    (found,) = check([device(model="iPad16,3", os_version="18.4")], wanted)
    assert (found.state, found.need) == (NEEDS_FIX, "y")


def test_what_ships_says_whose_word_it_is() -> None:
    """If this failed, a claim would stand there that nobody could trace."""
    for each in needs():
        assert each.origin in {"guide", "vendor", "standard", "measured", "ours"}
        assert each.guide or each.origin != "guide"
        assert each.apple
        assert each.do


def test_ones_own_file_adds_and_replaces() -> None:
    """If this failed, an admin who knows the build could not say so."""
    (shipped,) = needs()
    own = f"""
[[need]]
id = "{shipped.id}"
title = "ours"
fix = "the fix"
origin = "ours"
do = "nothing"
models = ["iPad16,3"]
fixed_builds = ["22E240"]

[[need]]
id = "other"
title = "other"
fix = "y"
origin = "ours"
do = "z"
model_numbers = ["A1"]
"""
    found = needs(own.encode(), "own.toml")
    assert [each.id for each in found] == [shipped.id, "other"]
    assert state(device(model="iPad16,3", build="22E240"), *found) == FIXED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x", "own.toml"),
        ("[[need]]\nid = 1", "own.toml"),
        ('[[need]]\nid = "a"', "own.toml"),
        ('[[need]]\nid = "a"\ntitle = "a"\nfix = "a"\norigin = "a"\ndo = "a"', "names no model"),
        (
            '[[need]]\nid = "a"\ntitle = "a"\nfix = "a"\norigin = "a"\ndo = "a"\nmodels = ["b"]\nfixed_from = "now"',
            "no version",
        ),
        ('[[need]]\nid = "a"\nbuilds = ["typo"]', "own.toml"),
        ("\ufeff\udcff", "own.toml"),
    ],
)
def test_a_file_that_says_nothing_is_named(text: str, says: str) -> None:
    """If this failed, a typo in the gate's data would open the gate."""
    with pytest.raises(FirmwareError, match=says):
        needs(text.encode("utf-8", "surrogateescape"), "own.toml")


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_judged(model: str, version: str, build: str) -> None:
    """If this failed, one odd row of an inventory would stop the gate."""
    assert state(device(model=model, os_version=version, build=build)) in {NEEDS_FIX, UNKNOWN, NOT_AFFECTED}


def test_parts() -> None:
    """If this failed, 18 and 18.0 would be two versions."""
    assert parts("18") == parts("18.0") == parts("iPadOS 18.0.0") == (18,)
    assert parts("") is None
    assert parts("9" * 50) == ()
