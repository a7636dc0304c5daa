"""Whose log is it, and what the triage said of whom."""

from pathlib import Path

import pytest

from abm_trace.gates.guard.plan import Outcome, Plan


@pytest.mark.parametrize(
    ("log", "devices", "called"),
    [
        ("logs/F9FXQ1ABCD.log", (), "F9FXQ1ABCD"),
        ("logs/f9fxq1abcd.log", (), "F9FXQ1ABCD"),
        ("staging.log", (), ""),
        ("staging.log", ("F9FXQ1ABCD",), "F9FXQ1ABCD"),
        ("staging.log", ("F9FXQ1ABCD", "F9FXQ1ABCE"), ""),
    ],
)
def test_whose_log(log: str, devices: tuple[str, ...], called: str) -> None:
    """If this failed, a device would be refused for another's silence."""
    assert Plan(("true",), Path("keep"), 45, "guide", devices=devices).called(Path(log)) == called


def test_no_verdict_for_nobody() -> None:
    """If this failed, a device without a name would get the first verdict of the case."""
    assert Outcome(Path(), Path()).verdict_of("") is None
