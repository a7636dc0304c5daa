"""The confined process: what it cannot do, whatever a policy or the engine tries."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from abm_trace.gates.policy import child

CONFINED = f"import sys; sys.path.insert(0, {str(Path(child.__file__).parent)!r}); import child, os, socket; "


def confined(code: str, files: int = 0) -> subprocess.CompletedProcess[str]:
    """Code that runs after the process has taken its limits."""
    words = [sys.executable, "-c", f"{CONFINED}child.confine(files={files}); {code}"]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("socket.socket()", "Too many open files"),
        ("os.open('/etc/passwd', os.O_RDONLY)", "Too many open files"),
        ("bytearray(600_000_000)", "MemoryError"),
    ],
)
def test_nothing_reaches_out(code: str, says: str) -> None:
    """If this failed, a policy of an engine with another function could read files, ask the network or eat the host."""
    done = confined(code)
    assert done.returncode != 0
    assert says in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="name spaces are Linux's")
def test_a_program_has_no_network_but_its_own() -> None:
    """If this failed, the opa program could reach the network, for it needs descriptors to read its policies."""
    done = confined("print(sorted(each[1] for each in socket.if_nameindex()))", files=64)
    if done.stdout.strip() not in {"['lo']", "[]"}:
        pytest.skip(f"SKIPPED LOUDLY: this kernel lets nobody make a network of its own: {done.stdout or done.stderr}")
    refused = confined("s = socket.socket(); s.settimeout(2); s.connect(('127.0.0.1', 9))", files=64)
    assert refused.returncode != 0
    assert "OSError" in refused.stderr or "ConnectionRefused" in refused.stderr


def served(*lines: object) -> list[dict[str, object]]:
    """What the process answers to lines."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run(
        [sys.executable, "-I", child.__file__], input=text, capture_output=True, text=True, check=False
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def job(**changes: object) -> dict[str, object]:
    """A job of one module."""
    module = {"path": "p.rego", "text": 'package p\ndeny contains "no" if input.x\n'}
    return {"v0": False, "modules": [module], "data": {}, "coverage": True, "allowed": ["count"], **changes}


def test_a_line_each() -> None:
    """If this failed, answers would belong to other documents."""
    query = "[v | v := data.p.deny]"
    said = served(job(), {"query": query, "input": {"x": 1}}, {"query": query, "input": {}}, {"coverage": True})
    assert said[:3] == [{}, {"value": [["no"]]}, {"value": [[]]}]
    assert said[3]["coverage"] == [{"path": "p.rego", "covered": [2], "not_covered": []}]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('r := http.send({"method": "get", "url": "http://127.0.0.1"})', "http.send"),
        ('r := http["send"]({})', "http.send"),
        ("import data.http\nr := http.send({})", "http.send"),
        ("http := 1\nr := http.send({})", "http.send"),
        ("r := opa.runtime()", "opa.runtime"),
        ("r := time.now_ns()", "time.now_ns"),
        ("r := [x | x := rand.intn(`a`, 5)]", "rand.intn"),
        ("r if { not uuid.rfc4122(`a`) }", "uuid.rfc4122"),
        ("f(x) := uuid.rfc4122(x)", "uuid.rfc4122"),
        ("default r := false\nr := x if { some x in net.cidr_expand(`10.0.0.0/8`) }", "net.cidr_expand"),
        ("r if count([1]) == 1 with count as opa.runtime", "with count"),
        ("r := 1 if { every x in trace(`a`) { x } }", "trace"),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_line(text: str, name: str) -> None:
    """If this failed, a rule on a function that the engine leaves undefined would deny nothing, unnoticed."""
    (said,) = served(job(modules=[{"path": "p.rego", "text": f"package p\n{text}\n"}]))[:1]
    line = 3 if "\n" in text else 2
    assert said == {"error": f"p.rego:{line}: {name} may not be used in a policy"}


def test_own_functions_may_be_called() -> None:
    """If this failed, a policy could not be cut into functions, files and packages."""
    modules = [
        {
            "path": "a.rego",
            "text": "package p\nimport data.lib\nimport data.lib.g as h\nr := [f(1), lib.g(1), h(1), data.lib.g(1)]",
        },
        {"path": "b.rego", "text": "package p\nf(x) := x + 1"},
        {"path": "lib.rego", "text": "package lib\ng(x) := x + 2"},
    ]
    assert served(job(modules=modules), {"query": "data.p.r", "input": {}})[1] == {"value": [2, 3, 3, 3]}


def test_a_complaint_names_the_place() -> None:
    """If this failed, an author would get the engine's stack instead of a line."""
    text = (
        " --> p.rego:2:6\n  |\n2 | r := \n  |      ^\nerror: expecting expression\n\nStack backtrace:\n   0: <unknown>"
    )
    assert child.complaint(text) == "p.rego:2: expecting expression"
    assert child.complaint("no place\nhere") == "no place here"
