"""Tests of abm_trace.core.errors."""

import pytest

from abm_trace.core.errors import AbmTraceError, NothingReadableError, RegistryError, UsageError


def test_diagnostics_say_what_is_wrong_and_then_what_to_do() -> None:
    """A person would read the complaint without the way out of it."""
    error = UsageError("no such case", hint="Give a folder.")
    assert error.diagnostics() == "no such case\n  Give a folder."
    assert error.reason() == "no such case. Give a folder.", "a line of a log would be two"


def test_an_error_without_a_hint_is_one_line() -> None:
    """An empty hint would print as a blank line."""
    assert UsageError("no such case").diagnostics() == UsageError("no such case").reason() == "no such case"


@pytest.mark.parametrize("kind", [UsageError, NothingReadableError, RegistryError])
def test_every_deliberate_error_has_one_base(kind: type[AbmTraceError]) -> None:
    """The command line, which catches the base alone, would show a traceback."""
    assert issubclass(kind, AbmTraceError)
    assert str(kind("said")) == "said"
