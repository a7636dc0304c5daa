"""The process in which policies run (PROMISES R23): it takes its limits first, then obeys one line of JSON at a time.

It is run by its path, without the rest of abm_trace, and imports nothing of it. A policy that loops is ended by the
kernel's timer, one that eats memory or recurses by its own fault: the parent sees an end without an answer, and closes.
"""

import contextlib
import ctypes
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from typing import Any, Final

SECONDS: Final = 2
"""How long one line may take. Origin: ours (PROMISES R23)."""

BYTES: Final = 512 * 1024 * 1024
"""How much memory the process may have. Origin: ours (PROMISES R23)."""

SAID_MAX: Final = 1024 * 1024
"""How many characters one answer may have: a policy says why, and no more."""

_NEWUSER, _NEWNET = 0x10000000, 0x40000000  # From: unshare(2).
_PLACE: Final = re.compile(r"--> (.+):(\d+):\d+")
_ERROR: Final = re.compile(r"^error: (.*)", re.MULTILINE)


class RefusedError(Exception):
    """A policy that is not run, with the place and the reason."""


def confine(*, files: int) -> None:
    """Give up what a policy must not have: network, new files (`files` descriptors at most), memory, time, children.

    Without a descriptor to spare neither a file nor a socket can be opened, also where the kernel allows no name space.
    """
    import resource  # noqa: PLC0415  # POSIX alone has it.

    with contextlib.suppress(AttributeError, OSError):
        unshare = ctypes.CDLL(None).unshare
        if unshare(_NEWUSER | _NEWNET):
            unshare(_NEWNET)
    limits = {"CORE": 0, "FSIZE": 0, "NPROC": 0, "AS": BYTES, "NOFILE": files}
    if files:
        # Go reserves far more than it uses, and its threads count as processes.
        limits = {"CORE": 0, "FSIZE": 0, "DATA": BYTES, "CPU": SECONDS, "NOFILE": files}
    for name, value in limits.items():
        try:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
        except (AttributeError, OSError, ValueError):
            if sys.platform == "linux":  # Elsewhere kernels know fewer limits; the timer holds everywhere.
                raise


def complaint(error: object) -> str:
    """What the engine says, in one line that begins with the place, without the stack of its own at the end."""
    text = str(error).split("\n\nStack backtrace", 1)[0]
    place, said = _PLACE.search(text), _ERROR.search(text)
    head = f"{place[1]}:{place[2]}: " if place else ""
    return head + (said[1].rstrip() if said else " ".join(text.split()))[:500]


class Engine:
    """The Rego engine with the modules of a job; each may call what is allowed, and what the modules define."""

    def __init__(self, job: dict[str, Any]) -> None:
        import regorus  # noqa: PLC0415  # An extra.

        self._engine = regorus.Engine()
        self._engine.set_rego_v0(job["v0"])
        self._engine.set_gather_prints(True)
        self._engine.set_enable_coverage(job["coverage"])
        try:
            for module in job["modules"]:
                self._engine.add_policy(module["path"], module["text"])
            self._engine.add_data_json(json.dumps(job["data"]))
            trees = json.loads(self._engine.get_ast_as_json())
        except RuntimeError as error:
            raise RefusedError(complaint(error)) from error
        for path, line, name in foreign_calls(trees, frozenset(job["allowed"])):
            raise RefusedError(f"{path}:{line}: {name} may not be used in a policy")

    def ask(self, query: str, document: object) -> object:
        """The value of a query about a document. Raises RefusedError."""
        try:
            self._engine.set_input_json(json.dumps(document))
            said = self._engine.eval_query_as_json(query)
            self._engine.take_prints()
        except (RuntimeError, RecursionError) as error:
            raise RefusedError(complaint(error)) from error
        if len(said) > SAID_MAX:
            raise RefusedError(f"the answer has {len(said):,} characters, and may have {SAID_MAX:,}")
        found = json.loads(said)
        if not found:
            raise RefusedError("the engine has no answer to the query")
        return found["result"][0]["expressions"][0]["value"]

    def coverage(self) -> list[dict[str, Any]]:
        """Which lines of which module were run: `path`, `covered`, `not_covered`."""
        found = json.loads(self._engine.get_coverage_report_as_json())["files"]
        return [{key: each[key] for key in ("path", "covered", "not_covered")} for each in found]


def foreign_calls(trees: list[dict[str, Any]], allowed: frozenset[str]) -> Iterator[tuple[str, int, str]]:
    """(path, line, name) of what modules call, or replace by `with`, though it is neither allowed nor of the modules.

    An engine may know a function and leave it undefined (http.send), and then a rule that rests on it denies nothing.
    """
    foreign = {each.split(".")[0] for each in allowed} | _ROOTS
    for tree in trees:
        package = _reference(tree["ast"]["package"]["refr"])
        fellows = (each for each in trees if _reference(each["ast"]["package"]["refr"])[1] == package[1])
        own = {"data", *(name for each in fellows for name in _ruled(each)), *_imported(tree)}
        for node in _nodes(tree["ast"]):
            if "fcn" in node:
                line, name = _reference(node["fcn"])
                if name not in allowed and name.split(".")[0] not in (own - foreign if "." in name else own):
                    yield tree["source"]["file"], line, name
            for each in node.get("with_mods") or ():
                line, name = _reference(each["refr"])
                if name.split(".")[0] not in {"input", "data"}:
                    yield tree["source"]["file"], line, f"with {name}"


_ROOTS: Final = frozenset({"http", "io", "net", "opa", "providers", "rand", "rego", "uuid"})
"""What engines call their own, so that no module can hide it behind a name of its own."""


def _imported(tree: dict[str, Any]) -> Iterator[str]:
    source = tree["source"]["contents"].encode()
    for each in tree["ast"]["imports"]:
        span = each.get("as")
        name = source[span["start"] : span["end"]].decode() if span else _reference(each["refr"])[1]
        yield name.rsplit(".", 1)[-1]


def _ruled(tree: dict[str, Any]) -> Iterator[str]:
    """The names of a module's rules and functions."""
    for node in tree["ast"]["rules"]:
        ((_, rule),) = node.items()
        head = next(iter(rule["head"].values())) if "head" in rule else rule
        yield _reference(head["refr"])[1].split(".")[0]


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    """Every object of a tree."""
    open_ = [tree]
    while open_:
        each = open_.pop()
        if isinstance(each, dict):
            yield each
            open_.extend(each.values())
        elif isinstance(each, list):
            open_.extend(each)


def _reference(node: dict[str, Any]) -> tuple[int, str]:
    """(line, dotted name) of a reference; what is worked out at run time is written as `[…]`, which nothing allows."""
    ((kind, each),) = node.items()
    if kind == "Var":
        return each["span"]["line"], each["value"]
    if kind == "RefDot":
        line, name = _reference(each["refr"])
        return line, f"{name}.{each['field'][1]}"
    if kind == "RefBrack":
        line, name = _reference(each["refr"])
        index = each["index"]
        return line, f"{name}.{index['String']['value']}" if "String" in index else f"{name}.[…]"
    return each["span"]["line"], "[…]"


def serve() -> None:
    """Answer each line of standard input by one of standard output: first the job, then queries."""
    engine = None
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_REAL, SECONDS)  # Its signal ends the process: nobody catches it.
        try:
            asked = json.loads(line)
            if engine is None:
                engine, answer = Engine(asked), {}
            elif "query" in asked:
                answer = {"value": engine.ask(asked["query"], asked["input"])}
            else:
                answer = {"coverage": engine.coverage()}
        except RefusedError as error:
            answer = {"error": str(error)}
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def main() -> None:
    """`child.py`: serve; `child.py PROGRAM …`: become that program, confined."""
    if sys.argv[1:]:
        confine(files=64)
        os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606  # The engine that the user has, by its full path.
    os.environ["MIMALLOC_ARENA_RESERVE"] = "0"  # Else the engine's allocator reserves a GiB, more than the limit.
    with contextlib.suppress(ImportError):
        import regorus  # noqa: F401, PLC0415  # While files can still be opened.
    confine(files=0)
    serve()


if __name__ == "__main__":
    main()
