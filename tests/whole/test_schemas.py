"""The JSON Schemas of docs/schema/: they are what the structs say, and real output keeps to them."""

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from abm_lab.case import write_case
from abm_trace import cli

ROOT = Path(__file__).parents[2]
SCHEMAS = {path.stem: json.loads(path.read_bytes()) for path in sorted((ROOT / "docs/schema").glob("*.json"))}
SCENARIOS = ("chicago", "poisoned", "rejected", "apple-mixed", "apple-poisoned", "mixed-dialect", "no-abm")


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of a schema."""
    return Draft202012Validator(SCHEMAS[name])


def of(item: dict[str, Any]) -> Draft202012Validator:
    """The validator that an object names: `abm-trace/verdict/1` is verdict-1."""
    return validator(item["schema"].removeprefix("abm-trace/").replace("/", "-"))


def output(*words: object) -> str:
    """What the program prints on standard output."""
    done = CliRunner().invoke(cli.main, [str(word) for word in words], prog_name="abm-trace")
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in {0, 1}, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def chicago(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401  # JSON.
    """The JSON document of a small case with files in it that nothing reads, or not whole."""
    folder = write_case(tmp_path_factory.mktemp("lab"), "chicago", 24, 3, 5, 2, jobs=1)
    (folder / "noise.bin").write_bytes(b"\x00\xff" * 200)
    (folder / "audit-2.ndjson").write_text('{"event_type": "device_registered"}\n{"event_type"\n')
    return json.loads(output("triage", folder, "--format", "json", "--files"))


def test_they_are_what_the_structs_say() -> None:
    """If this failed, a field was changed and its schema was not: run scripts/make_schemas.py and read the diff."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/make_schemas.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_is_a_schema_of_which_all_is_described(name: str) -> None:
    """If this failed, a validator would refuse it, or a reader would have to guess what a key means."""
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert schema["title"] == schema["properties"]["schema"]["const"] == f"abm-trace/{name.replace('-', '/')}"
    for part in (schema, *schema.get("$defs", {}).values()):
        assert part["description"]
        assert part["additionalProperties"] is True
        assert part["required"] == list(part["properties"])
        assert all(each["description"] for each in part["properties"].values())


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_real_output_keeps_to_them(scenario: str, tmp_path: Path) -> None:
    """If this failed, a program that checks what it reads would refuse our own output."""
    folder = write_case(tmp_path, scenario, 150, 3, 7, 2, jobs=1)
    (folder / "noise.bin").write_bytes(b"\x00\xff" * 200)
    seen = set()
    for text in output("triage", folder, "--format", "ndjson").splitlines():
        line = json.loads(text)
        of(line).validate(line)
        seen.add(line["schema"])
    assert seen == {"abm-trace/verdict/1", "abm-trace/skipped/1"}
    document = json.loads(output("triage", folder, "--format", "json", "--files"))
    of(document).validate(document)
    for line in document["files"]:
        of(line).validate(line)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["chicago", "apple-mixed", "mixed-dialect", "half", "no-abm"])
def test_the_reconciliation_keeps_to_its_schema(scenario: str, tmp_path: Path) -> None:
    """If this failed, a program that reads who lacks whom would refuse our own output."""
    folder = write_case(tmp_path, scenario, 150, 3, 7, 2, jobs=1)
    document = json.loads(output("reconcile", folder, "--format", "json"))
    assert document["schema"] == "abm-trace/reconcile/1"
    of(document).validate(document)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["chicago", "apple-mixed"])
def test_changes_keep_to_their_schema(scenario: str, tmp_path: Path) -> None:
    """If this failed, a program that follows the shifts would refuse our own output."""
    folder = write_case(tmp_path, scenario, 150, 3, 7, 2, jobs=1)
    early = tmp_path / "early.ndjson"
    output("triage", folder, "--as-of", "2026-05-15T00:00:00Z", "--format", "ndjson", "--out", early)
    shutil.copytree(folder, tmp_path / "half", ignore=lambda _, names: sorted(names)[::2] if len(names) > 20 else [])
    for case, since in ((folder, early), (folder, tmp_path / "half"), (tmp_path / "half", early)):
        document = json.loads(output("triage", case, "--since", since, "--format", "json"))
        of(document).validate(document)
        assert document["changes"]
        for line in document["changes"]:
            of(line).validate(line)


def test_a_mark_keeps_to_its_schema(tmp_path: Path) -> None:
    """If this failed, a program that counts what people judged would refuse our own file."""
    folder = write_case(tmp_path, "chicago", 24, 3, 5, 2, jobs=1)
    lines = map(json.loads, output("triage", folder, "--format", "ndjson").splitlines())
    found = next(line for line in lines if line.get("findings"))
    words = (found["serial"], found["findings"][0]["id"], "confirmed", "--why", "seen")
    output("mark", *words, "--case", folder, "--marks", tmp_path / "marks.ndjson")
    mark = json.loads((tmp_path / "marks.ndjson").read_text())
    of(mark).validate(mark)
    assert not of(mark).is_valid({**mark, "judgement": "perhaps"})


def test_the_document_keeps_to_its_schema(chicago: dict[str, Any]) -> None:
    """If this failed, the document would not be what its schema says, with its files or without them."""
    of(chicago).validate(chicago)
    of(chicago).validate({**chicago, "files": None})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401  # JSON.
    """The way to each key of a document, through the richest element of each list."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from places(inner, (*path, key))
    elif isinstance(value, list) and value:
        richest = max(range(len(value)), key=lambda number: len(json.dumps(value[number])))
        yield from places(value[richest], (*path, richest))


def changed(document: dict[str, Any], path: tuple[Any, ...], change: object) -> dict[str, Any]:
    """A copy with another value at a place, or none there where `change` is Ellipsis."""
    copied: dict[str, Any] = copy.deepcopy(document)
    holder: Any = copied
    for part in path[:-1]:
        holder = holder[part]
    if change is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = change
    return copied


def test_a_key_that_lacks_or_has_another_type_is_found(chicago: dict[str, Any]) -> None:
    """If this failed, the schema would let pass what no reader of the format could use."""
    check = of(chicago)
    ways = [path for path in places(chicago) if path[0] != "counts" or len(path) == 1]
    assert len(ways) > 50
    for path in ways:
        assert not check.is_valid(changed(chicago, path, ...)), f"{path} may lack"
        assert not check.is_valid(changed(chicago, path, {"an": "object"})), f"{path} may be anything"


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("verdict",), "lost"),
        (("layer",), "L8"),
        (("last_rung",), "shipped"),
        (("contributing",), ["L9"]),
        (("confidence",), 97),
        (("attempts",), -1),
        (("attempts",), 1.5),
        (("as_of",), None),
        (("as_of",), "2026-05-17T08:47:00"),
        (("as_of",), "noon Z"),
        (("findings", 0, "severity"), "awful"),
        (("findings", 0, "evidence", 0, "line"), 0),
        (("findings", 0, "evidence", 0, "sha256"), "ABC"),
        (("schema",), "abm-trace/verdict/2"),
    ],
)
def test_values_out_of_their_bounds_are_found(path: tuple[Any, ...], wrong: object, chicago: dict[str, Any]) -> None:
    """If this failed, the schema would know the types of the fields and nothing of their meaning."""
    line = next(each for each in chicago["verdicts"] if any(found["evidence"] for found in each["findings"][:1]))
    assert of(line).is_valid(line)
    assert not of(line).is_valid(changed(line, path, wrong))


def test_more_keys_are_welcome(chicago: dict[str, Any]) -> None:
    """If this failed, every reader would break on the day on which a field is added."""
    later = {**chicago, "later": {"more": [1]}}
    later["verdicts"] = [{**line, "later": None} for line in chicago["verdicts"]]
    of(chicago).validate(later)
