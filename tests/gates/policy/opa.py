"""OPA's own engine, built from its Go source as a shared library, asked in a process of its own.

It says what Rego means, so that no engine is judged by its own word. It has neither OPA's words of the command line
nor its capabilities: those are tried where the opa program is on the PATH.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

FOLDER: Final = Path(sys.prefix) / "opa"
"""Where scripts/install.sh puts it."""

WORDS: Final = (sys.executable, str(Path(__file__)), str(FOLDER))
needed: Final = pytest.mark.skipif(not FOLDER.exists(), reason="SKIPPED LOUDLY: OPA's engine is not there to be asked")


class OpaError(Exception):
    """OPA refuses; the text is its own."""


class OpaEngine:
    """An engine as `gates.policy` asks them, which is OPA's."""

    covers = False

    def __init__(self, modules: Sequence[tuple[str, str]], data: Mapping[str, object]) -> None:
        self._process = subprocess.Popen(WORDS, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._job: dict[str, object] = {"modules": list(modules), "data": data}

    def ask(self, query: str, document: object) -> object:
        """The value of the query. Raises OpaError."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({**self._job, "query": query, "input": document}).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise OpaError(answer["error"])
        return answer["value"]

    def coverage(self) -> list[dict[str, Any]]:
        """None."""
        return []

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def main(folder: str) -> None:
    """Answer each line of standard input, a question with its modules, by one of standard output."""
    sys.path.insert(0, folder)
    from opa_bindings import engine  # type: ignore[import-not-found]  # noqa: PLC0415  # Unpacked for the tests; no dependency.

    for line in sys.stdin:
        asked = json.loads(line)
        with engine.OpaEngine() as opa:
            try:
                for path, text in asked["modules"]:
                    opa.add_policy(path, text)
                opa.add_data(asked["data"])
                found = opa.eval_query(f"value := {asked['query']}", asked["input"])
                answer = {"value": found[0]["value"]}
            except engine.OpaError as error:
                answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)  # noqa: T201  # That is the answer.


if __name__ == "__main__":
    main(sys.argv[1])
