"""The engines: every way in which a policy can misbehave ends in time, and closed (PROMISES R23)."""

import json
import os
import resource
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.gates.policy import opa

from abm_trace.core.errors import UsageError
from abm_trace.gates.policy import child, engines
from abm_trace.gates.policy.engines import ClosedError, Opa, Regorus, engine
from abm_trace.gates.policy.modules import Module

QUERY = "[v | v := data.p.deny]"
OPA = shutil.which("opa")
LOOP = "some i in numbers.range(1, input.n); some j in numbers.range(1, input.n); i + j == 99999999"
BAD = {
    "loops": f'deny contains "x" if {{ {LOOP} }}',
    "recurses by rules": "deny contains x if { some x in deny }",
    "recurses by functions": 'deny contains "x" if f(1)\nf(x) := f(x)',
    "eats memory": 'deny contains "x" if count(numbers.range(1, 100000000)) > 5',
    "eats memory by texts": 'a := concat("", [sprintf("%0100d", [i]) | some i in numbers.range(1, 300000)])\n'
    'b := concat("", [a, a, a, a, a, a, a, a, a, a, a, a, a, a, a])\ndeny contains "x" if count(b) == 2',
    "talks without end": "deny contains sprintf(`%v`, [x]) if some x in numbers.range(1, 200000)",
    "asks the network": 'deny contains "x" if http.send({"method": "get", "url": "http://127.0.0.1:1"})',
    "is no Rego": "deny contains (",
    "is nested": f'deny contains "x" if {"[" * 5000}1{"]" * 5000}',
    "calls what is not there": 'deny contains "x" if nothing.here(1)',
    "divides by zero": 'deny contains "x" if 1 / input.zero == 1',
}


def opened(text: str, **options: bool) -> Regorus:
    """The built-in engine with one module."""
    return Regorus([Module("p.rego", f"package p\nimport rego.v1\n{text}\n")], {}, v0=False, **options)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_policy_is_closed_in_time(text: str) -> None:
    """If this failed, one policy could hold a rollout, take the host's memory, or count as a yes."""
    asked = opened(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    began = time.monotonic()
    with pytest.raises(ClosedError) as caught:
        asked.ask(QUERY, {"zero": 0, "n": 20000})
    took = time.monotonic() - began
    peak = max(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, before) / 1024
    asked.close()
    print(f"{took:.2f} s, {peak:.0f} MB at most: {caught.value}")  # noqa: T201  # The promise's figures.
    assert str(caught.value)
    assert took < 2 * 2 + 1  # The limit for the job, that for the question, and for a busy machine to end them.
    assert peak < 512 or before / 1024 >= 512


def test_a_loop_ends_in_two_seconds_and_is_told_so(record_property: Callable[[str, object], None]) -> None:
    """If this failed, nobody would know that the no came from the clock."""
    began = time.monotonic()
    with pytest.raises(ClosedError, match="longer than 2 s"):
        opened(BAD["loops"]).ask(QUERY, {"n": 20000})
    record_property("figure", f"R23: a policy that loops was ended after {time.monotonic() - began:.2f} s, closed")


def test_no_connection_is_made() -> None:
    """If this failed, a policy could tell a stranger which devices there are."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(ClosedError, match=r"p\.rego:3: http\.send may not be used"):
            opened(f'deny contains x if x := http.send({{"method": "get", "url": "{url}"}})').ask(QUERY, {})
        with pytest.raises(TimeoutError):
            server.accept()


def test_after_a_death_the_next_document_is_still_decided() -> None:
    """If this failed, one hostile document would close the gate for all others; if it went on for ever, for hours."""
    asked = opened(BAD["loops"])
    try:
        assert asked.ask(QUERY, {"n": 2}) == [[]]
        with pytest.raises(ClosedError):
            asked.ask(QUERY, {"n": 20000})
        assert asked.ask(QUERY, {"n": 2}) == [[]]
        asked.deaths_max = 2  # type: ignore[misc]  # Two seconds less of a test.
        with pytest.raises(ClosedError, match="longer"):
            asked.ask(QUERY, {"n": 20000})
        with pytest.raises(ClosedError, match="not asked"):
            asked.ask(QUERY, {"n": 2})
    finally:
        asked.close()


def test_no_process_is_left() -> None:
    """If this failed, each bad policy would leave a process that burns a core."""
    asked = opened(BAD["loops"])
    asked.ask("1", {})
    process = asked._process
    assert process
    with pytest.raises(ClosedError):
        asked.ask(QUERY, {"n": 20000})
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_without_an_engine_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, who has the light install would get a traceback."""
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UsageError) as caught:
        engine("auto", [], {}, v0=False)
    assert "pip install 'abm-trace[policy]'" in caught.value.hint


@pytest.mark.skipif(OPA is None, reason="SKIPPED LOUDLY: the opa program is not on the PATH, so its use is not tried")
def test_the_opa_program_says_the_same() -> None:
    """If this failed, a policy would mean something else with the opa program."""
    assert OPA
    module = Module("p.rego", "package p\nimport rego.v1\ndeny contains input.x if count(data.list) == 2\n")
    asked = Opa(OPA, [module], {"list": [1, 2]}, v0=False)
    try:
        assert asked.ask(QUERY, {"x": "no"}) == [["no"]]
    finally:
        asked.close()


@pytest.mark.skipif(
    OPA is None, reason="SKIPPED LOUDLY: the opa program is not on the PATH, so its limits are not tried"
)
@pytest.mark.parametrize("name", sorted(BAD.keys() - {"is nested"}))  # OPA reads that.
def test_the_opa_program_is_closed_too(name: str) -> None:
    """If this failed, the limits would hold for one engine alone."""
    assert OPA
    asked = Opa(OPA, [Module("p.rego", f"package p\nimport rego.v1\n{BAD[name]}\n")], {}, v0=False)
    try:
        with pytest.raises(ClosedError):
            asked.ask(QUERY, {"zero": 0, "n": 20000})
    finally:
        asked.close()


@opa.needed
@pytest.mark.parametrize("name", sorted(BAD.keys() - {"is nested"}))
def test_opa_itself_ends_within_the_limits_of_its_program(name: str) -> None:
    """If this failed, the limits would be none for a program of Go, or would not let it start."""
    module = ("p.rego", f"package p\nimport rego.v1\n{BAD[name]}\n")
    question = {"modules": [module], "data": {}, "query": QUERY, "input": {"zero": 0, "n": 20000}}
    process = engines._started(opa.WORDS, {"HOME": "/nowhere", "GOMAXPROCS": "2"})
    try:
        said = engines._all(process, json.dumps(question).encode() + b"\n")
    except engines._NoAnswerError:
        said = b""
    finally:
        engines._end(process)
    assert not said or len(said) > child.SAID_MAX or "error" in json.loads(said), said[:200]


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo broken", "does not say what it can"),
        ("echo '{}'", "does not say what it can"),
        ("sleep 60", "longer than 2 s"),
        ("exit 7", "opa ended with 7"),
        ("yes", "more than it may"),
        ("head -c 2000000 /dev/zero", "may have 1,048,576"),
    ],
)
def test_a_program_that_is_no_opa_is_closed(script: str, says: str, tmp_path: Path) -> None:
    """If this failed, any program called opa that says nothing would let everything through."""
    program = tmp_path / "opa"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    asked = Opa(str(program), [Module("p.rego", "package p\n")], {}, v0=False)
    try:
        with pytest.raises(ClosedError, match=says):
            asked.ask(QUERY, {})
    finally:
        asked.close()
