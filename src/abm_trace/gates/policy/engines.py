"""The Rego engines, each in a process of its own with limits: 2 s a question, 512 MB, no network, no files.

Whatever goes wrong in there is a ClosedError: whoever asked must take it as a no.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

from abm_trace.core.errors import UsageError
from abm_trace.gates.policy import child
from abm_trace.gates.policy.builtins import ALLOWED
from abm_trace.gates.policy.modules import Module

_CHILD: Final = (sys.executable, "-I", str(Path(child.__file__)))
_SAID_MAX: Final = 8 * child.SAID_MAX
"""How many bytes a process may say at once: an answer whose every character is escaped."""


class ClosedError(Exception):
    """A policy gave no answer; the text says why."""


class Engine(Protocol):
    """What answers a query about a document, or raises ClosedError."""

    covers: bool

    def ask(self, query: str, document: object) -> object:
        """The value of the query."""

    def coverage(self) -> list[dict[str, Any]]:
        """Which lines of which module were run."""

    def close(self) -> None:
        """End the process."""


def engine(
    name: str, modules: Sequence[Module], data: Mapping[str, object], *, v0: bool, coverage: bool = False
) -> "Regorus | Opa":
    """The engine of this name (`regorus`, `opa`), of `auto` the one that is there. Raises UsageError where none is."""
    if name in {"auto", "regorus"} and find_spec("regorus"):
        return Regorus(modules, data, v0=v0, coverage=coverage)
    program = shutil.which("opa")
    if name in {"auto", "opa"} and program:
        return Opa(program, modules, data, v0=v0)
    missing = "the opa program is not on the PATH" if name == "opa" else "no Rego engine is installed"
    raise UsageError(missing, hint="Install one: pip install 'abm-trace[policy]', or put the opa program on the PATH.")


class Regorus:
    """gordon-to-regorus in a child that is started for the first question, and again after one that killed it."""

    covers = True
    deaths_max: Final = 3
    """After so many deaths the rest is closed without a try: a policy that loops must not hold a rollout for hours."""

    def __init__(
        self, modules: Sequence[Module], data: Mapping[str, object], *, v0: bool, coverage: bool = False
    ) -> None:
        self._job = {
            "v0": v0,
            "modules": [{"path": each.path, "text": each.text} for each in modules],
            "data": data,
            "allowed": sorted(ALLOWED),
            "coverage": coverage,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths = 0
        self._refused = ""

    def ask(self, query: str, document: object) -> object:
        """The value of the query. Raises ClosedError."""
        return self._said({"query": query, "input": document})["value"]

    def coverage(self) -> list[dict[str, Any]]:
        """Which lines of which module were run since the process was started. Raises ClosedError."""
        found: list[dict[str, Any]] = self._said({"coverage": True})["coverage"]
        return found

    def close(self) -> None:
        """End the process."""
        if self._process:
            _end(self._process)
            self._process = None

    def _said(self, question: Mapping[str, object]) -> dict[str, Any]:
        if self._refused:
            raise ClosedError(self._refused)
        if self._process is None:
            self._process = _started()
            try:
                self._exchange(self._job)
            except ClosedError as error:
                self._refused = str(error)  # As it would be at the next start.
                self.close()
                raise
        return self._exchange(question)

    def _exchange(self, question: Mapping[str, object]) -> dict[str, Any]:
        """One line there and one back. A child that answers with an error lives on; one without an answer is ended."""
        process = self._process
        assert process  # noqa: S101  # _said has started it.
        try:
            answer = json.loads(_line(process, json.dumps(question).encode() + b"\n"))
        except _NoAnswerError as error:
            self.close()
            self._deaths += 1
            if self._deaths == self.deaths_max:
                self._refused = f"not asked: {error}, {self._deaths} times before"
            raise ClosedError(str(error)) from error
        if "error" in answer:
            raise ClosedError(answer["error"])
        found: dict[str, Any] = answer
        return found


class _NoAnswerError(Exception):
    """The child did not answer, and why, as far as its end tells."""


def _started(words: Sequence[str] = (), env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """The confined process, which becomes the program that `words` name, if any."""
    process = subprocess.Popen(  # noqa: S603  # This very interpreter, with a file of ours.
        [*_CHILD, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=env or {},
        start_new_session=True,
    )
    for pipe in (process.stdin, process.stdout):
        assert pipe  # noqa: S101  # As asked for.
        os.set_blocking(pipe.fileno(), False)
    return process


def _line(process: subprocess.Popen[bytes], question: bytes) -> bytes:
    """What the child answers within its time, up to the end of a line. Raises _NoAnswerError."""
    answer = bytearray()
    for got in _read(process, question):
        if not got:
            raise _NoAnswerError(_why(process))
        answer += got
        if answer.endswith(b"\n"):
            break
    return bytes(answer)


def _all(process: subprocess.Popen[bytes], given: bytes) -> bytes:
    """What a program says within its time, up to its end. Raises _NoAnswerError."""
    answer = bytearray()
    for got in _read(process, given, ends=True):
        answer += got
        if not got:
            break
    return bytes(answer)


def _read(process: subprocess.Popen[bytes], given: bytes, *, ends: bool = False) -> Iterator[bytes]:
    """What is said, piece by piece, while `given` is written, and ended if `ends`; an empty piece is the end.

    Raises _NoAnswerError.
    """
    assert process.stdin  # noqa: S101  # As _started asked for.
    assert process.stdout  # noqa: S101
    end = time.monotonic() + child.SECONDS
    rest, said = memoryview(given), 0
    while True:
        if ends and not rest and not process.stdin.closed:
            process.stdin.close()
        left = end - time.monotonic()
        readable, writable, _ = select.select([process.stdout], [process.stdin] if rest else [], [], max(left, 0))
        if left <= 0 or not (readable or writable):
            raise _NoAnswerError(_TOO_LONG)
        if writable:
            try:
                rest = rest[os.write(process.stdin.fileno(), rest[:65536]) :]
            except BrokenPipeError:
                rest = memoryview(b"")  # It has ended, or wants no more: what it says is still read.
        if readable:
            got = os.read(process.stdout.fileno(), 65536)
            said += len(got)
            if said > _SAID_MAX:
                raise _NoAnswerError("it said more than it may")
            yield got


_TOO_LONG: Final = f"the policy took longer than {child.SECONDS} s"
_ENDS: Final = {
    -signal.SIGALRM: _TOO_LONG,
    -signal.SIGXCPU: _TOO_LONG,
    -signal.SIGABRT: f"the policy wanted more than {child.BYTES // 1024 // 1024} MB",
    -signal.SIGSEGV: "the policy calls itself without end, or is nested too deeply",
}


def _why(process: subprocess.Popen[bytes]) -> str:
    """What the child's end says."""
    try:
        code = process.wait(1)
    except subprocess.TimeoutExpired:
        return "the engine stopped answering"
    return _ENDS.get(code, f"the engine gave up (it ended with {code}), as it does where memory runs out")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
    process.wait()


_CAPABILITIES: Final = "capabilities.json"


class Opa:
    """The opa program, once a question, with the same limits; its capabilities say what policies may call."""

    covers = False

    def __init__(self, program: str, modules: Sequence[Module], data: Mapping[str, object], *, v0: bool) -> None:
        self._program = program
        self._folder = tempfile.TemporaryDirectory(prefix="abm-trace-policy-")
        folder = Path(self._folder.name)
        self._names = {}
        for number, each in enumerate(modules):
            name = folder / f"{number}.rego"
            name.write_text(each.text, encoding="utf-8")
            self._names[str(name)] = each.path
        (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
        self._words = [
            "eval", "--format=json", "--strict-builtin-errors", f"--timeout={child.SECONDS}s",
            f"--capabilities={folder / _CAPABILITIES}", f"--data={folder / 'data.json'}",
            *(f"--data={name}" for name in self._names),
            "--v0-compatible" if v0 else "--v1-compatible", "--stdin-input",
        ]  # fmt: skip

    def ask(self, query: str, document: object) -> object:
        """The value of the query. Raises ClosedError."""
        capabilities = Path(self._folder.name) / _CAPABILITIES
        if not capabilities.exists():
            capabilities.write_text(self._capabilities(), encoding="utf-8")
        found = self._run([*self._words, query], json.dumps(document).encode())
        try:
            return found["result"][0]["expressions"][0]["value"]
        except (KeyError, IndexError, TypeError) as error:
            raise ClosedError("opa has no answer to the query") from error

    def coverage(self) -> list[dict[str, Any]]:
        """None: each question is a process of its own."""
        return []

    def close(self) -> None:
        """Take away the files that it was given."""
        self._folder.cleanup()

    def _capabilities(self) -> str:
        """What this opa can, less what policies may not call and all of the network."""
        found = self._run(["capabilities", "--current"], b"")
        if not isinstance(found.get("builtins"), list):
            raise ClosedError("opa does not say what it can: it is older than its capabilities")
        # An operator has an infix sign, and `internal.` is what the compiler makes of syntax.
        kept = [
            each
            for each in found["builtins"]
            if each["name"] in ALLOWED or "infix" in each or each["name"].startswith("internal.")
            or each["name"] == "assign"
        ]  # fmt: skip
        return json.dumps({**found, "builtins": kept, "allow_net": []})

    def _run(self, words: Sequence[str], given: bytes) -> Any:  # noqa: ANN401  # JSON of another program.
        process = _started([self._program, *words], {"HOME": self._folder.name, "GOMAXPROCS": "2"})
        try:
            out = _all(process, given)
            code = process.wait(1)
        except (_NoAnswerError, subprocess.TimeoutExpired) as error:
            raise ClosedError(str(error)) from error
        finally:
            _end(process)
        if len(out) > child.SAID_MAX:
            raise ClosedError(f"the answer has {len(out):,} bytes, and may have {child.SAID_MAX:,}")
        try:
            found = json.loads(out)
        except ValueError:
            found = {}
        if code or not isinstance(found, dict) or "errors" in found:
            raise ClosedError(self._complaint(found if isinstance(found, dict) else {}, code))
        return found

    def _complaint(self, found: Mapping[str, Any], code: int) -> str:
        """The first error that opa tells, with the place in the module's own name."""
        for each in found.get("errors") or ():
            place = each.get("location") or {}
            path = self._names.get(str(place.get("file")), str(place.get("file", "")))
            return f"{path}:{place.get('row', '')}: {each.get('message', '')}".removeprefix(":: ")
        return _ENDS.get(code, f"opa ended with {code}")
