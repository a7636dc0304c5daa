"""The runbook: one for each verdict, layer and cause, with steps that can be taken."""

import re

import click
import pytest

from abm_trace import cli
from abm_trace.core.nouns import VERDICTS
from abm_trace.remedies import RemedyError
from abm_trace.remedies.runbook import markdown, runbook, runbooks
from abm_trace.verdict.settings import actions

BOOKS = runbooks(actions())
COMMAND = re.compile(r"abm-trace ([a-z0-9-]+)(?: ([a-z0-9-]+))?(?: |$|:|,)")


def test_each_verdict_layer_and_cause_has_one() -> None:
    """If this failed, somebody would stand at 04:00 with a name and no page for it."""
    assert set(BOOKS) >= {*VERDICTS, *(f"L{number}" for number in range(8)), *actions()["cause"]}


@pytest.mark.parametrize("name", BOOKS)
def test_each_step_can_be_taken(name: str) -> None:
    """If this failed, a step would hold a literal {serial}, or a command that there is not."""
    book = BOOKS[name]
    steps = [step for _, part in book.parts() for step in part]
    assert steps
    assert not any("{" in step for step in steps)
    main = click.Context(cli.main)
    for step in steps:
        for word, inner in COMMAND.findall(step):
            command = cli.main.get_command(main, word)
            assert command is not None, step
            if isinstance(command, click.Group):
                assert inner in command.list_commands(click.Context(command)), step


def test_the_next_action_is_the_catalogues() -> None:
    """If this failed, the runbook and the report would advise different things."""
    assert BOOKS["L6"].rebuild == (actions()["layer"]["L6"].format(serial="SERIAL"),)
    assert len(BOOKS["half_confirmed"].rebuild) == 2
    assert BOOKS["token_expired"].rebuild[0].startswith("Renew the expired server token")


def test_a_failure_is_stopped_and_what_is_none_is_not() -> None:
    """If this failed, missing evidence would stop a rollout, or a failing one would go on."""
    for name in ("vanished", "rejected", "half_confirmed", "L1", "token_expired"):
        assert BOOKS[name].abort[0].startswith("Stop staging"), name
        assert any("Never press retry" in step for step in BOOKS[name].abort), name
    for name in ("confirmed", "not_started", "in_progress", "unknown"):
        assert BOOKS[name].abort == ("Nothing to abort.",), name
    assert "Not a failure" in BOOKS["unknown"].diagnose[0]


def test_a_name_is_found_in_any_case_or_named() -> None:
    """If this failed, `l3` would find nothing, and a mistake would end in a traceback."""
    assert runbook("l3", actions()).name == "L3"
    with pytest.raises(RemedyError, match="there is no runbook 'L9'") as caught:
        runbook("L9", actions())
    assert "for example L3" in caught.value.hint


def test_markdown_counts_through() -> None:
    """If this failed, two people could not say on the phone which step they are at."""
    text = markdown(BOOKS["L3"])
    numbers = [int(each) for each in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# L3", "## Abort", "## Diagnose", "## Rebuild", "## Try one, then go on",
    ]  # fmt: skip
