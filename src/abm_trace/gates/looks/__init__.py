"""Looks: a probe and the check of what it shows, put together, as reports that every door prints alike.

A look that could not be made is open: what is missing is never read as wrong, and never as right.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from typing import Final, Literal

import msgspec

from abm_trace.core.nouns import Fact, Finding, Origin, Skipped
from abm_trace.formats._interface import Content
from abm_trace.net.http import Answer

State = Literal["good", "bad", "open"]
"""Nothing is wrong; something is; it could not be told."""

AT_ONCE: Final = 48
"""How many looks are made at once: each mostly waits. Origin: ours."""


class Subject(msgspec.Struct, frozen=True):
    """One thing that was looked at; what showed, what is wrong with it, or the problem that kept it from showing.

    `do` says what to do about the problem. `name` is a host, a server, a token or a file.
    """

    name: str
    seen: str = ""
    findings: tuple[Finding, ...] = ()
    problem: str = ""
    do: str = ""

    @property
    def state(self) -> State:
        """Bad with an error, open with a problem, else good."""
        if any(each.severity == "error" for each in self.findings):
            return "bad"
        return "open" if self.problem else "good"


class Report(msgspec.Struct, frozen=True):
    """What a check found of all its subjects; `do` says what to do about each kind of finding.

    `simulated` says that the lab made what was looked at.
    """

    check: str
    at: int
    took_s: float
    subjects: tuple[Subject, ...]
    do: Mapping[str, str]
    simulated: bool = False

    @property
    def state(self) -> State:
        """Bad if any is, else open if any is, or none was looked at."""
        states = {each.state for each in self.subjects}
        return "bad" if "bad" in states else "good" if states == {"good"} else "open"


def together(calls: Sequence[Callable[[], Subject]]) -> tuple[Subject, ...]:
    """What the calls give, in their order; they are made at once, for each may wait for its time limit."""
    with ThreadPoolExecutor(max_workers=min(len(calls), AT_ONCE) or 1) as pool:
        return tuple(pool.map(lambda call: call(), calls))


def facts(data: bytes, read: Callable[[Content], Iterator[Fact | Skipped]], name: str) -> list[Fact]:
    """The facts of bytes that a probe made, by the format that reads a saved file of the same."""
    return [each for each in read(Content(name, data, UTC)) if isinstance(each, Fact)]


def untold(name: str, answer: Answer, of: str) -> Subject:
    """What an answer leaves open that says nothing of the thing `of` which was asked: who asked too often, whom
    somebody leads elsewhere, or whose service is not well, does not know it. A redirect is told and not followed.
    """
    if answer.status == 429:
        wait = answer.headers.get("retry-after", "")
        when = f"in {wait} s" if wait.isdigit() and len(wait) < 7 else "later"
        return Subject(name, problem=f"asked too often (429): again {when}", do=f"Ask again {when}.")
    if 300 <= answer.status < 400:
        text = f"redirected ({answer.status}) to {answer.headers.get('location', 'nowhere')[:200]}, not followed"
        return Subject(name, problem=text, do="See what answers there: a captive portal, a proxy, or another server.")
    text = f"an answer ({answer.status}) that says nothing of {of}"
    do = "Ask again later: who asks too often gets such, too. Else see what answers there."
    return Subject(name, problem=text, do=do)


def live(name: str, by: str) -> Origin:
    """What a finding cites that rests on no bytes: that something was looked at, and by which look."""
    return Origin(f"live:{name}", by)


def system_proxy() -> str:
    """The proxy that this computer's environment names, "" for none."""
    return next((os.environ[name] for name in ("HTTPS_PROXY", "https_proxy") if os.environ.get(name)), "")
