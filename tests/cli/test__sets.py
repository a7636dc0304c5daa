"""What a shell completes from closed sets."""

import shlex

import pytest
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("triage CASE --as man", "manifest"),
        ("triage CASE --threshold confirm", "confirmation_s="),
        ("triage CASE --fail-on van", "vanished"),
        ("triage CASE --fail-on vanished,rej", "vanished,rejected"),
        ("remedy show dns", "dnsmasq"),
        ("remedy write kea chr", "chrony"),
        ("remedy runbook van", "vanished"),
        ("policy eval --policy reg", "region"),
        ("policy test --engine op", "opa"),
        ("signatures convert --to spl", "splunk"),
        ("completion bash abm-l", "abm-lab"),
        ("check netw", "network"),
    ],
)
def test_completed(typed: str, offered: str, run: Run) -> None:
    """If this failed, nobody could find a name of a closed set with the Tab key."""
    words = shlex.split(f"abm-trace {typed}")
    done = run(_ABM_TRACE_COMPLETE="bash_complete", COMP_WORDS=shlex.join(words), COMP_CWORD=str(len(words) - 1))
    assert f"plain,{offered}" in done.stdout.splitlines()


def test_files_are_left_to_the_shell(run: Run) -> None:
    """If this failed, a policy of one's own could not be completed any more."""
    typed = "abm-trace policy eval --policy my"
    done = run(_ABM_TRACE_COMPLETE="bash_complete", COMP_WORDS=typed, COMP_CWORD="4")
    assert "file,my" in done.stdout.splitlines()
