"""What every export has in common."""

import pytest
from tests.exports.building import POLYGLOT, report, verdict

from abm_trace.core import instants
from abm_trace.core.nouns import Skipped
from abm_trace.exports import Export, Screen, exports, render


@pytest.mark.parametrize("name", exports())
def test_each_names_itself(name: str) -> None:
    """If this failed, an export would stand in no list, or nobody could look up what its form is."""
    export = exports()[name].EXPORT
    assert isinstance(export, Export)
    assert export.title
    assert export.reference


@pytest.mark.parametrize("name", exports())
def test_any_text_can_be_exported(name: str) -> None:
    """If this failed, one lone surrogate in a message would cost the whole report."""
    hostile = verdict(
        serial=POLYGLOT, site=POLYGLOT, next_action=POLYGLOT, identifiers=(POLYGLOT,), missing=(POLYGLOT,)
    )
    data = render(name, report(hostile, skipped=(Skipped(POLYGLOT, POLYGLOT),), case=POLYGLOT), Screen())
    assert data.decode("utf-8").endswith("\n")


@pytest.mark.parametrize("name", exports())
def test_an_empty_case_can_be_exported(name: str) -> None:
    """If this failed, a manifest without rows would end in a fault instead of an answer."""
    nothing = report(verdicts=(), readings=(), skipped=())
    render(name, nothing, Screen())


@pytest.mark.parametrize("at", [instants.LAST + 90_000_000, instants.LAST, instants.FIRST - 90_000_000])
@pytest.mark.parametrize("name", exports())
def test_any_time_can_be_exported(name: str, at: int) -> None:
    """If this failed, one record of the last minute of 9999, which some write for "never", would cost the report."""
    late = verdict(deadline_at=at, first_seen=at, last_seen=at, last_rung_at=at)
    assert render(name, report(late, as_of=at), Screen())
