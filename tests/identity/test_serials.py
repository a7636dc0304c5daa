"""Serials as people and scanners write them: one unit, one key, shown as the manifest spells it."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from abm_trace.identity.serials import LENGTH_MAX, Serials, canonical, is_numbered_word, looks_like_serial

SERIAL = "F9FXQ1ABC0"
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


@pytest.mark.parametrize(
    "written",
    [
        "f9fxq1abc0",
        " F9FXQ1ABC0 ",
        "F9FX Q1AB C0",
        "\u00a0F9FXQ1ABC0\ufeff",
        "F9FXQ1ABCO",
        "F9FXQIABC0",
        "f9fxqiabco",
        "SF9FXQ1ABC0",
        "s f9fxqiabco",
    ],
)
def test_every_spelling_leads_to_the_manifests(written: str) -> None:
    """If this failed, one iPad would be two devices, of which one vanished."""
    serials = Serials([SERIAL])
    key = serials.key(written)
    assert key is not None
    assert serials.spelled[key] == SERIAL


@pytest.mark.parametrize("written", ["F9FXQ1ABC1", "F9FXQ1ABC", "XF9FXQ1ABC0", "F9FXQ1ABC00", ""])
def test_other_serials_are_others(written: str) -> None:
    """If this failed, hygiene would melt two devices into one."""
    assert Serials([SERIAL]).key(written) is None


def test_a_manifest_of_scanned_serials_drops_the_s() -> None:
    """If this failed, a manifest made with a barcode scanner would name no device of ABM or the MDM."""
    serials = Serials(["SF9FXQ1ABC0"], [SERIAL])
    assert list(serials.spelled.values()) == [SERIAL]
    assert serials.key(SERIAL) == serials.key("SF9FXQ1ABC0")


def test_a_scanned_manifest_alone_drops_the_s() -> None:
    """If this failed, the S of the barcode would stay where no export shows the serial without it."""
    assert list(Serials(["SF9FXQ1ABC0"]).spelled.values()) == [SERIAL]


def test_a_serial_that_begins_with_s_keeps_it() -> None:
    """If this failed, hygiene would cut a letter off a good serial."""
    serials = Serials(["S9FXQ1ABC0"])
    assert list(serials.spelled.values()) == ["S9FXQ1ABC0"]
    assert serials.key("S9FXQ1ABC0") is not None


def test_the_manifests_spelling_stays_others_are_upper_case() -> None:
    """If this failed, people could not find a device under the name that they gave it."""
    spelled = Serials(["f9fxq1abc0"], ["F9FXQ1ABC0", "dmqx1abcd2"]).spelled
    assert sorted(spelled.values()) == ["DMQX1ABCD2", "f9fxq1abc0"]


def test_no_order_changes_what_is_shown() -> None:
    """If this failed, the order of files would choose a device's name."""
    names = ["f9fxq1abc0", "F9FXQ1ABC0", "SF9FXQ1ABC0", "F9FXQ1ABCO"]
    assert Serials(names).spelled == Serials(names[::-1]).spelled
    assert Serials([], names).spelled == Serials([], names[::-1]).spelled


def test_blank_serials_are_none() -> None:
    """If this failed, an empty cell would be a device."""
    assert Serials(["", "  "], [""]).spelled == {}


def test_a_serial_is_bounded() -> None:
    """If this failed, a hostile cell could make keys of any size."""
    assert len(canonical("A" * 10_000)) == LENGTH_MAX


@pytest.mark.parametrize(
    ("word", "like"),
    [
        ("F9FXQ1ABCD", True),
        ("dmqx1abcd2e3", True),
        ("mac-01", False),
        ("COMPUTER", False),
        ("20260517", False),
        ("A1", False),
    ],
)
def test_what_looks_like_a_serial(word: str, like: bool) -> None:
    """If this failed, a case without manifest would make devices of dates and hosts."""
    assert looks_like_serial(word) is like


@pytest.mark.parametrize(
    ("word", "numbered"),
    [("server01", True), ("capture1", True), ("DESKTOP1234", True), ("F9FXQ1ABCD", False), ("C02ZK9XXMD6R", False)],
)
def test_what_is_a_word_and_a_number(word: str, numbered: bool) -> None:
    """If this failed, a server's log would make a device that boots and vanishes."""
    assert is_numbered_word(word) is numbered


@given(some.text(_ALPHABET, min_size=10, max_size=10), some.data())
def test_miswriting_never_makes_a_second_key(serial: str, data: some.DataObject) -> None:
    """If this failed, some mixture of case, blanks, O/0 and I/1 would split a device."""
    swaps = {"0": "0Oo", "1": "1Ii"}
    letters = [data.draw(some.sampled_from(swaps.get(each, each + each.lower()))) for each in serial]
    blank = data.draw(some.sampled_from(["", " ", "\t"]))
    assert canonical(blank.join(letters)) == canonical(serial)
    assert canonical(canonical(serial)) == canonical(serial)
