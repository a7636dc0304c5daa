"""What people see of hostile input: the other formats name it too, and no text of it reaches the terminal raw."""

import os
import pty
import re
import threading

import pytest
from tests.hostile.base_case import (
    MANIFEST_HEADER,
    VICTIM,
    failing_log,
    manifest_row,
    ndjson,
    table,
    text,
    victim_event,
)
from tests.hostile.inputs import by_id
from tests.hostile.running import Outcome, Sandbox, strict_json

POLYGLOT = "\x1b]0;pwned\x07\x1b[2J\x1b[31m\u009b31m\u202eevil\u2066\u2028<script>alert(1)</script>\r{{7*7}}[bold]"
# What a terminal obeys: C0 but for newline and tab, DEL, C1, and the marks that reorder text.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
DAMAGED = {"ndjson-damaged-in-the-middle": 2, "binary-garbage": None, "fifo": None, "csv-row-too-long": 3}
EXPLAIN = ("explain", VICTIM, "--case")


def poison(sandbox: Sandbox) -> None:
    """Puts the polyglot wherever text of the evidence can come from."""
    lines = failing_log()
    lines[-1] = lines[-1].replace("unstable", f"unstable {POLYGLOT}").replace("\r", "")
    (sandbox.case / "logs" / f"{VICTIM}.log").write_bytes(text(lines))
    (sandbox.case / "audit-2.ndjson").write_bytes(
        ndjson([victim_event(reason=POLYGLOT, region=POLYGLOT, request_id=POLYGLOT, device_identifier=POLYGLOT)])
    )
    rows = [manifest_row(VICTIM, site=POLYGLOT, host=POLYGLOT), manifest_row(f"F9{POLYGLOT}")]
    (sandbox.case / "manifest-2.csv").write_text(table(MANIFEST_HEADER, rows), newline="")
    (sandbox.case / f"{POLYGLOT.replace('/', '')}.bin").write_bytes(b"\x00\xff" * 200)


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("form", ["text", "json"])
def test_other_formats_name_it_on_standard_error(name: str, form: str, sandbox: Sandbox) -> None:
    """If this failed, whoever reads a table would never learn that a part of the evidence was not used."""
    hostile = by_id(name)
    hostile.add_to(sandbox.case)
    outcome = sandbox.run(["triage", str(sandbox.case), "--format", form])
    assert outcome.code == 1
    named = [line for line in outcome.stderr.decode().splitlines() if hostile.path in line]
    assert named
    line = DAMAGED[name]
    assert line is None or any(re.search(rf"\b{line}\b", found.replace(hostile.path, "")) for found in named)


def test_json_is_strict_beside_hostile_text(sandbox: Sandbox) -> None:
    """If this failed, one odd message would make the whole document unreadable for other programs."""
    poison(sandbox)
    outcome = sandbox.run(["triage", str(sandbox.case), "--format", "json"])
    document = outcome.stdout.decode()
    strict_json(document)
    assert VICTIM in document


@pytest.mark.parametrize("command", ["triage", "explain", "files"])
@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}], ids=["plain", "no-color"])
def test_nothing_raw_reaches_a_pipe(command: str, env: dict[str, str], sandbox: Sandbox) -> None:
    """If this failed, a device's message could retitle, recolour or rewrite the terminal that shows it."""
    poison(sandbox)
    outcome = run_for_people(sandbox, command, env)
    shown = (outcome.stdout + outcome.stderr).decode("utf-8")
    assert VICTIM in shown
    assert OBEYED.findall(shown) == []
    assert "Traceback" not in shown


def run_for_people(sandbox: Sandbox, command: str, env: dict[str, str]) -> Outcome:
    """The outcome of a command that prints for people."""
    case = str(sandbox.case)
    arguments = {
        "triage": ["triage", case, "--format", "text"],
        "explain": [*EXPLAIN, case],
        "files": ["triage", case, "--files"],
    }
    return sandbox.run(arguments[command], env=env)


def test_a_terminal_gets_colours_and_nothing_else_of_it(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, the escapes of evidence would pass where colours are allowed."""
    poison(sandbox)
    leader, follower = pty.openpty()
    shown = bytearray()
    reader = threading.Thread(target=drain, args=(leader, shown))
    reader.start()
    sandbox.run(["triage", str(sandbox.case), "--format", "text"], env={"TERM": "xterm-256color"}, terminal=follower)
    os.close(follower)
    reader.join()
    os.close(leader)
    rest = COLOUR.sub("", shown.decode("utf-8")).replace("\r\n", "\n")
    assert "not used: \\u001b]0;pwned" in rest, "what is hostile stands there, escaped"
    assert "<script>" in rest
    assert OBEYED.findall(rest) == []


def drain(leader: int, into: bytearray) -> None:
    """Collects what a terminal is sent until its other end is closed."""
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:
            return
        if not chunk:
            return
        into += chunk


def test_an_ascii_locale_changes_nothing(sandbox: Sandbox, base: Outcome) -> None:
    """If this failed, a run from cron, with no locale, would die of the first letter beyond ASCII."""
    poison(sandbox)
    env = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    outcome = sandbox.run(["triage", str(sandbox.case), "--format", "ndjson"], env=env)
    assert outcome.code == 1, outcome.stderr
    assert b"Traceback" not in outcome.stderr
    neighbours = base.standings().keys() - {VICTIM}
    found = outcome.standings()
    assert {serial: found[serial] for serial in neighbours} == {s: base.standings()[s] for s in neighbours}
