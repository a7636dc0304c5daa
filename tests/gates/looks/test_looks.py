"""Reports: what a look counts as."""

import time
from functools import partial

import pytest

from abm_trace.core.nouns import Finding
from abm_trace.gates.looks import Report, Subject, live, system_proxy, together, untold
from abm_trace.net.http import Answer


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


@pytest.mark.parametrize(
    ("status", "headers", "says"),
    [
        (429, {"retry-after": "7"}, "asked too often (429): again in 7 s"),
        (429, {"retry-after": "Thu, 01 Jan 2099 00:00:00 GMT"}, "asked too often (429): again later"),
        (429, {}, "asked too often (429): again later"),
        (
            302,
            {"location": "http://169.254.169.254/latest/"},
            "redirected (302) to http://169.254.169.254/latest/, not followed",
        ),
        (307, {}, "redirected (307) to nowhere, not followed"),
        (503, {}, "an answer (503) that says nothing of the token"),
    ],
)
def test_an_answer_that_says_nothing(status: int, headers: dict[str, str], says: str) -> None:
    """If this failed, nobody would learn when to ask again, or who leads them elsewhere."""
    found = untold("tok_1", Answer(status, headers, b"", "127.0.0.1", 0.1), "the token")
    assert (found.state, found.problem, bool(found.do)) == ("open", says, True)
