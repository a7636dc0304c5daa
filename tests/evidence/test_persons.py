"""Names of two people, or of one in other letters."""

import pytest

from abm_trace.evidence.persons import are_two, unclear


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ann", "anna"),
        ("ann", "bob"),
        ("counsel-2", "counsel-1"),
        ("auditor", "operator"),
        ("ann", "Иван Иванов"),
        ("ann", "Bjørn"),
        ("Jose", "Łukasz"),
        ("李明", "王芳"),
        ("佐藤さん", "山田"),
        ("김철수", "박영희"),
        ("علي", "محمد"),
        ("legal second", "山田"),
        ("Иван", "Пётр"),
        ("7", "8"),
    ],
    ids=ascii,
)
def test_two_people(name: str, other: str) -> None:
    """If this failed, a second person could not lift a hold."""
    assert (unclear(name), are_two(name, other)) == ("", True)


LOOK_ALIKES = {
    "ann": [
        *("ANN", " a n n ", "a-n.n", "ánn", "a\u0301nn", "a\u20ddnn", "ann\ufe0f", "a\u034fnn", "ann\u180b"),
        *("\uff21nn", "\U0001d41ann", "ⓐnn", "a\u200bnn", "a\u2060nn", "\ufeffann", "a\u00adnn", "\u202eann"),
        *("ann\u3164", "a\uffa0nn", "\u115fann", "ann\u2800", "ann\u02bc", "ann\u00b4", "ann|", "ann\u0640"),
        *("\u0430nn", "\u0251nn", "\u1d00\u0274\u0274", "\ua4eenn", "\u15c5nn", "\u03b1nn", "an\u0578", "ann\u0378"),
        *("\u0430\u043f\u043f", "\u13aanun", "\U00010300nn", "\ue000nn", "an\u01c0", "ann\U000e0061"),
    ],
    "coco": [
        "\u0441\u043e\u0441\u043e",
        "c0c0",
        "\u0441oco",
        "\u03f2\u03bf\u03f2\u03bf",
        "\u217d\u043eco",
        "c\u03c3c\u03c3",
    ],
    "blob": ["\u044bob", "\u044b\u043e\u044c", "b1ob", "BIOB", "b\u200dlob", "bl\u0585b"],
    "warren": ["vvarren", "vva\u0433\u0433e\u043f", "w\u0430rren"],
    "legal 1": ["legal l", "legal I", "legal \u0661", "\u04cfegal 1", "legal \u2160"],
    "mia": ["rnia", "m1a", "rnla"],
    "\u0441\u043e\u0441\u043e": ["coco", "\u0441o\u0441o"],
    "\u0251nn": ["ann"],
    "\u044bob": ["blob"],
}


@pytest.mark.parametrize(
    ("other", "name"), [(other, name) for other, names in LOOK_ALIKES.items() for name in names], ids=ascii
)
def test_one_in_other_letters(other: str, name: str) -> None:
    """If this failed, who placed a hold could lift it by writing the name in other letters."""
    assert unclear(name) or not are_two(name, other)


@pytest.mark.parametrize("name", ["", "  ", "---", "\u200b", "\u3164", "🙂", "\u0430nn", "Bjørn", "\u0378"], ids=ascii)
def test_names_that_are_none(name: str) -> None:
    """If this failed, a name that nobody can read would count as a person."""
    assert unclear(name)


def test_a_long_name_takes_no_time() -> None:
    """If this failed, one entry of a stranger could keep the check busy."""
    assert are_two("a" * 2000, "\u0430" * 900 + "b")
