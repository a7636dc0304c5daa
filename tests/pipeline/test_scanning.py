"""Tests of abm_trace.pipeline.scanning: a process scans with what is fastest on its logs, and finds the same."""

from itertools import chain

import pytest

from abm_trace.pipeline import scanning
from abm_trace.pipeline.losses import LOSS
from abm_trace.pipeline.scanning import SAMPLE_BYTES, Scanning
from abm_trace.signatures import load, windows
from abm_trace.signatures.scan import Scanner

SHIPPED = load()[0]
STARTED, NOISE = b"2026-05-17 03:47:12.000 INFO com.apple.MCX ABMRegistrationStarted\n", b"noise of request: 7\n"


def scanner(made: Scanning, text: bytes, *, long: bool = False) -> Scanner:
    """The scanner for a log with this text."""
    return made.of_log(lambda size: text[:size], long=long)


@pytest.mark.parametrize("took", [(1.0, 2.0), (2.0, 1.0)], ids=["the-first", "the-second"])
def test_whichever_scanner_is_the_fastest_finds_the_same(
    monkeypatch: pytest.MonkeyPatch, took: tuple[float, float]
) -> None:
    """The clock would say which devices vanished."""
    ticks = chain.from_iterable((0.0, seconds) for seconds in took for _ in range(3))
    monkeypatch.setattr(scanning, "perf_counter", lambda: next(ticks))
    text = bytearray((STARTED + NOISE) * (SAMPLE_BYTES // len(STARTED)))
    fastest = scanner(Scanning(SHIPPED), bytes(text))
    way = windows.WAYS[took.index(1.0)]
    expected = Scanner((*SHIPPED, LOSS), bytes(text[:SAMPLE_BYTES]), way).hits(text, len(text))
    assert fastest.hits(text, len(text)) == expected
    assert sum(STARTED.startswith(text[start:stop]) for start, stop, _ in expected) == text.count(STARTED)
    assert list(ticks) == [], "both are timed, three times each"


def test_many_small_logs_say_together_which_is_the_fastest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fleet of small logs would be scanned with what suits the first of them."""
    timed: list[float] = []

    def clock() -> float:
        timed.append(0.0)
        return 0.0

    monkeypatch.setattr(scanning, "perf_counter", clock)
    made = Scanning(SHIPPED)
    log = (STARTED + NOISE) * 1000
    assert len({scanner(made, log) for _ in range(SAMPLE_BYTES // len(log))}) == 1
    assert not timed, "less text says nothing"
    chosen = scanner(made, log)
    assert timed
    assert scanner(made, log) is chosen, "it is chosen once"


def test_a_long_log_gets_a_scanner_that_suits_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows that are rare in the first log may stand in every line of the next: it took fifteen times as long."""
    monkeypatch.setattr(scanning, "perf_counter", lambda: 0.0)  # Either way may be the faster one here.
    made = Scanning(SHIPPED)
    first = scanner(made, STARTED)
    chosen = windows.rare({anchor for rule in (*SHIPPED, LOSS) for anchor in rule.anchors}, STARTED)
    window = next(text for (text, _), held in chosen.items() if min(len(each[0]) for each in held) > len(text) + 4)
    noise = bytearray(b"nothing of %s here\n" % window.encode() * 3000)
    assert len(first.hits(noise, len(noise))) == 3000
    assert scanner(made, bytes(noise)) is first, "a short one costs little"
    other = scanner(made, bytes(noise), long=True)
    assert other.hits(noise, len(noise)) == []
    assert scanner(made, STARTED * 3000, long=True) is other, "no other stops at fewer lines of what is meant"
