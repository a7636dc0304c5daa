"""Reports: what a look counts as."""

import time
from functools import partial

import pytest

from abm_trace.core.nouns import Finding
from abm_trace.gates.looks import Report, Subject, live, system_proxy, together


def found(severity: str) -> Finding:
    """A finding of that severity."""
    return Finding("x", "check", "", severity, 100, (live("x", "y"),))


@pytest.mark.parametrize(
    ("subjects", "state"),
    [
        ([], "open"),
        ([Subject("a")], "good"),
        ([Subject("a", findings=(found("warning"),))], "good"),
        ([Subject("a"), Subject("b", problem="no answer")], "open"),
        ([Subject("a", problem="no answer"), Subject("b", findings=(found("error"),))], "bad"),
    ],
)
def test_what_a_report_says(subjects: list[Subject], state: str) -> None:
    """If this failed, nothing looked at would be a green zero, or silence a failure."""
    assert Report("x", 0, 0.0, tuple(subjects), {}).state == state


def test_looks_are_made_at_once_and_stay_in_order() -> None:
    """If this failed, dead hosts would add up their time limits."""
    begun = time.monotonic()

    def slow(name: str) -> Subject:
        time.sleep(0.2)
        return Subject(name)

    calls = [partial(slow, str(number)) for number in range(20)]
    assert [each.name for each in together(calls)] == [str(number) for number in range(20)]
    assert time.monotonic() - begun < 2
    assert together([]) == ()


def test_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a proxy that devices do not know would stay unseen."""
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    assert system_proxy() == "http://p:1"
