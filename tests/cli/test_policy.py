"""`abm-trace policy`: decisions and tests as a person, a program and a pipeline see them."""

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest
from tests.cli.conftest import Run, new_log, records

GOOD = {
    "device": {"serial": "F9FXQ1ABCD", "os_version": "18.10", "model": "iPad13,1", "clock_offset_s": 0.1},
    "payload": {"enrollmentMethod": "abm", "serverUrl": "https://us-east.abm.apple.com"},
    "token": {"region": "us-east", "createdAt": "2026-05-01T00:00:00Z", "tokenExpiry": "2026-08-01T00:00:00Z"},
    "as_of": "2026-05-17T00:00:00Z",
}
BAD = {**GOOD, "device": {**GOOD["device"], "serial": "F9FXQ1ABCE", "clock_offset_s": -9.2}}  # type: ignore[dict-item]  # An object.
LACKS = {**GOOD, "device": {"serial": "F9FXQ1ABCF", "os_version": "18.10", "model": "iPad13,1"}}


def write(path: Path, *documents: object) -> Path:
    """A file with a document a line."""
    path.write_text("".join(json.dumps(each) + "\n" for each in documents))
    return path


@pytest.mark.parametrize(
    ("documents", "code", "head"),
    [
        ((GOOD,), 0, "✓ 1 document: 0 denied, 0 unknown, 1 allowed"),
        ((GOOD, BAD, LACKS), 1, "✗ 3 documents: 1 denied, 1 unknown, 1 allowed"),
        ((GOOD, LACKS), 3, "? 2 documents: 0 denied, 1 unknown, 1 allowed"),
    ],
)
def test_the_exit_code_is_the_answer(
    documents: tuple[object, ...], code: int, head: str, run: Run, tmp_path: Path
) -> None:
    """If this failed, a pipeline would stage what a policy denies, or take a missing fact for a failure."""
    done = run("policy", "eval", write(tmp_path / "d.ndjson", *documents))
    assert (done.returncode, done.stdout.splitlines()[0][: len(head)]) == (code, head)
    if code == 1:
        assert "the clock is -9.2 s off, the limit is 5.79 s" in done.stdout
        assert "do: Set the clock" in done.stdout
        assert "not known: device.clock_offset_s" in done.stdout


def test_programs_get_the_same(run: Run, tmp_path: Path) -> None:
    """If this failed, a program would see other decisions than a person."""
    path = write(tmp_path / "d.ndjson", GOOD, BAD)
    document = json.loads(run("policy", "eval", path, "--format", "json").stdout)
    assert document["schema"] == "abm-trace/policy/1"
    assert (document["allowed"], document["denied"], document["unknown"]) == (1, 1, 0)
    (reason,) = document["decisions"][1]["reasons"]
    assert (reason["policy"], reason["kind"]) == ("abm.clock", "deny")
    rows = list(csv.DictReader(io.StringIO(run("policy", "eval", path, "--format", "csv").stdout)))
    assert [row["state"] for row in rows] == ["allowed", "denied"]


def test_a_policy_of_ones_own_and_its_settings(run: Run, tmp_path: Path) -> None:
    """If this failed, only the shipped rules could be kept."""
    mine = tmp_path / "mine.rego"
    mine.write_text('package mine\nimport rego.v1\ndeny contains "no asset tag" if not input.device.extra.tag\n')
    (tmp_path / "policy.toml").write_text("clock_offset_s_max = 10\n")
    path = write(tmp_path / "d.ndjson", BAD)
    words = ("policy", "eval", path, "--policy", "shipped", "--policy", mine, "--settings", tmp_path / "policy.toml")
    done = run(*words)
    assert done.returncode == 1
    assert "denied: no asset tag  (mine)" in done.stdout
    assert "the clock" not in done.stdout


def test_a_broken_policy_is_a_no(run: Run, tmp_path: Path) -> None:
    """If this failed, a policy that nobody can read would let everything through."""
    (tmp_path / "p.rego").write_text("package p\ndeny contains (\n")
    done = run("policy", "eval", write(tmp_path / "d.ndjson", GOOD), "--policy", tmp_path / "p.rego")
    assert done.returncode == 1
    assert "no answer, so no:" in done.stdout
    assert "p.rego:3: expecting expression" in " ".join(done.stdout.split())


def test_hostile_texts_are_shown_and_not_obeyed(run: Run, tmp_path: Path) -> None:
    """If this failed, a serial could repaint the terminal."""
    hostile = {**BAD, "device": {"serial": "\x1b[2J\u202eX", "os_version": "18\x07"}}
    done = run("policy", "eval", write(tmp_path / "d.ndjson", hostile))
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "\x07" not in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("d.json", "--as-of", "noon"), "--as-of noon"),
        (("d.json", "--policy", "nowhere"), "no shipped policy is called so"),
        (("missing.json",), "missing.json: is no file"),
    ],
)
def test_bad_usage(words: tuple[str, ...], says: str, run: Run, tmp_path: Path) -> None:
    """If this failed, a mistake would look like a decision."""
    write(tmp_path / "d.json", GOOD)
    done = run("policy", "eval", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_the_decisions_are_on_record(run: Run, tmp_path: Path) -> None:
    """If this failed, nobody could show that a device was denied before it was staged."""
    store = new_log(run, tmp_path / "ev")
    path = write(tmp_path / "d.ndjson", GOOD, BAD)
    done = run("policy", "eval", path, "--evidence", store)
    assert (done.returncode, done.stderr) == (1, f"evidence: record 2 of {store}\n")
    (kept,) = records(run, store, "check")
    assert kept == json.loads(run("policy", "eval", path, "--format", "json").stdout)
    done = run("policy", "eval", path, "--evidence", tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, ""), "a log that takes nothing is told before the work"
    (tmp_path / ".abm-trace").mkdir()
    done = run("policy", "eval", path)
    assert done.returncode == 1
    assert "evidence: NOT KEPT: this project has no log yet" in done.stderr
    assert "evidence" not in run("policy", "eval", path, "--no-evidence").stderr


def test_without_as_of_it_is_now(run: Run, tmp_path: Path) -> None:
    """If this failed, an old token would be as young as ever."""
    undated = {key: value for key, value in GOOD.items() if key != "as_of"}
    path = write(tmp_path / "d.json", undated)
    assert run("policy", "eval", path, "--as-of", "2026-05-17T00:00:00Z").returncode == 0
    done = run("policy", "eval", path, "--as-of", "2036-05-17T00:00:00Z")
    assert done.returncode == 1
    assert "the token expired at" in done.stdout


def test_tests_and_coverage(run: Run, tmp_path: Path) -> None:
    """If this failed, an author would not know what the tests left out."""
    done = run("policy", "test")
    assert done.returncode == 0
    assert "tests passed" in done.stdout
    assert "(100 %)" in done.stdout
    (tmp_path / "p.rego").write_text(
        'package p\ndeny contains "a" if input.a\ndeny contains "b" if input.b.c\nx if {\n\tinput.q\n\tfalse\n}\n'
    )
    (tmp_path / "p_test.rego").write_text(
        "package p\ntest_a if count(deny) == 1 with input as {`a`: 1}\ntest_b if 1 == 2\n"
    )
    done = run("policy", "test", tmp_path, "--format", "json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert [each["state"] for each in document["tests"]] == ["passed", "failed"]
    assert next(each["missed"] for each in document["coverage"] if each["path"].endswith("p.rego"))


def test_both_documents_keep_to_their_schemas(run: Run, tmp_path: Path) -> None:
    """If this failed, a program that was written by the schema could not read the decisions."""
    path = write(tmp_path / "d.ndjson", GOOD, BAD, LACKS)
    folder = Path(__file__).parents[2] / "docs/schema"
    for words, name in ((("eval", path), "policy-1"), (("test",), "policytests-1")):
        document = json.loads(run("policy", *words, "--format", "json").stdout)
        jsonschema.Draft202012Validator(json.loads((folder / f"{name}.json").read_bytes())).validate(document)


def test_a_manifest_a_profile_and_a_token_are_enough(run: Run, tmp_path: Path) -> None:
    """If this failed, documents would have to be made by hand from what a rollout has anyway."""
    (tmp_path / "m.csv").write_text(
        "serial,os_version,model,clock_offset_s\nF9A,18.10,iPad13,0.1\nF9B,18.10,iPad13,9\n"
    )
    (tmp_path / "t.json").write_text(json.dumps(GOOD["token"]))
    profile = (
        '<?xml version="1.0"?><plist version="1.0"><dict><key>PayloadType</key><string>Configuration</string>'
        "<key>enrollmentMethod</key><string>abm</string>"
        "<key>serverUrl</key><string>https://us-east.abm.apple.com</string></dict></plist>"
    )
    (tmp_path / "p.mobileconfig").write_text(profile)
    words = ("policy", "eval", "m.csv", "--token", "t.json", "--as-of", "2026-05-17T00:00:00Z")
    document = json.loads(run(*words, "--payload", "p.mobileconfig", "--format", "json").stdout)
    assert [each["state"] for each in document["decisions"]] == ["allowed", "denied"]
    assert document["decisions"][1]["document"] == "m.csv:3 F9B"
    assert run(*words).returncode == 1
    (tmp_path / "p.mobileconfig").write_text(profile.replace("enrollmentMethod", "enrollmentWay"))
    done = run(*words, "--payload", "p.mobileconfig")
    assert "the profile has no enrollmentMethod" in done.stdout
    (tmp_path / "t.json").write_text('{"region": "us-east", "createdAt": "soon"}')
    done = run(*words)
    assert (done.returncode, "t.json: token.createdAt: no RFC 3339 time" in done.stderr) == (2, True)
