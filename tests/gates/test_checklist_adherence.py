"""Adherence by the hour."""

from abm_trace.core import instants
from abm_trace.gates.checklist_adherence import Run, by_hour


def at(text: str) -> int:
    """The instant of an hour and minute of a day."""
    return instants.parse(f"2026-05-17T{text}:00Z")


def test_hours_of_the_day() -> None:
    """If this failed, nobody would see that steps are left out at four in the morning."""
    runs = [
        Run(at("04:10"), is_complete=False, decision="refused", took_s=9, left_open=("tls", "clock")),
        Run(at("04:50"), is_complete=True, decision="look_here_first", took_s=20, skipped=("tls",)),
        Run(at("04:55"), is_complete=True, decision="look_here_first", took_s=40),
        Run(at("14:00"), is_complete=True, decision="escalate", took_s=5),
    ]
    early, late = by_hour(runs)
    assert (early.hour, early.runs, early.complete, early.diagnosis_s) == (4, 3, 2, 30)
    assert (early.skipped, early.left_open) == ((("tls", 1),), (("tls", 1), ("clock", 1)))
    assert (late.hour, late.diagnosis_s) == (14, None)
    assert [each.hour for each in by_hour(runs, offset_s=-5 * 3600)] == [9, 23]
    assert by_hour([]) == []
