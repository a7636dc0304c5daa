"""`abm-trace validate`: what it reads, what it says, in which form, and with which exit code."""

import json
import os
import plistlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import xmlschema
import yaml
from cryptography.hazmat.primitives.serialization import Encoding
from tests.checks.payload import building
from tests.checks.payload.building import signer
from tests.cli.conftest import Run

from abm_trace.checks.payload import catalogue
from abm_trace.cli.validate import command

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests/data/cli/validate"
GUIDE = {"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com"}
HOSTILE = "\x1b[31m\u202eevil\n::error::"


def write(name: str, kind: str = "profile", **changes: object) -> Path:
    """A payload in this folder."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(building.written(kind, changes))
    return path


@pytest.fixture
def folder(run: Run) -> Path:
    """A folder with a sound profile, a bad one, a bad DEP profile, and files that are no payloads."""
    write("profiles/good.mobileconfig", "mdm")
    write("profiles/sub/bad.mobileconfig", "mdm", Topic="x", Shoe=1)
    write("profiles/dep.json", "dep-profile", is_mandatory=1)
    write("profiles/.git/old.mobileconfig", "mdm", Topic="x")
    Path("profiles/README").write_text("read me")
    Path("profiles/package.json").write_text('{"name": "x", "url": "y"}')
    return Path("profiles")


def test_text(folder: Path, run: Run) -> None:
    """If this failed, a person would not see what is wrong, where, and what to do."""
    done = run("validate", folder, COLUMNS="120")
    assert done.returncode == 1
    first, *rest = done.stdout.splitlines()
    assert first == "✗ 2 errors, 3 notes in 3 payloads (0 signed); 2 other files passed over"
    text = "\n".join(rest)
    assert "✗ profiles/dep.json:5: error: it is an integer, and must be a boolean" in text
    assert "✗ profiles/sub/bad.mobileconfig:" in text
    assert "    mdm-topic at PayloadContent[2].Topic" in text
    assert catalogue()["mdm-topic"].do in " ".join(text.split())
    assert ".git" not in text


def test_good_is_never_a_green_zero(run: Run) -> None:
    """If this failed, nobody could tell a clean run from one that looked at nothing."""
    done = run("validate", write("a.mobileconfig", **GUIDE))
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "✓ 1 note in 1 payload (0 signed)")


@pytest.mark.parametrize(
    ("changes", "fail_on", "code"),
    [
        ({"PayloadScope": "x"}, "error", 1),
        ({"PayloadScope": "x"}, "none", 0),
        ({"PayloadUUID": "x"}, "error", 0),
        ({"PayloadUUID": "x"}, "warning", 1),
        ({}, "warning", 0),
        ({}, "note", 1),
    ],
)
def test_fail_on(changes: dict[str, Any], fail_on: str, code: int, run: Run) -> None:
    """If this failed, a gate would open or close against what was asked."""
    assert run("validate", write("a.mobileconfig", **changes), "--fail-on", fail_on).returncode == code


def test_bad_usage(run: Run) -> None:
    """If this failed, a misspelled name would pass a gate."""
    Path("t.json").write_text("{}")
    Path("no.toml").write_text("[[allow]]\nid = 1")
    good = write("a.mobileconfig")
    for words in (
        [],
        ["nowhere.mobileconfig"],
        [good, "nowhere.mobileconfig"],
        [good, "--token", "t.json"],
        [good, "--trust", "t.json"],
        [good, "--allow", "no.toml"],
        [good, "--as-of", "tomorrow"],
        [good, "--diff", "t.json"],
        ["--diff", good, good, good],
    ):
        done = run("validate", *words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert len(done.stderr.splitlines()) > 1  # What is wrong, then what to do.


def test_nothing_readable(run: Run) -> None:
    """If this failed, a wrong folder would pass for a clean one."""
    Path("README").write_text("read me")
    Path("empty").mkdir()
    for words in (["README"], ["empty"], ["README", "empty"]):
        assert run("validate", *words).returncode == 3
    assert "README: is no profile" in run("validate", "README").stderr


def test_damaged_is_a_finding(run: Run) -> None:
    """If this failed, a profile that was cut off would pass for no profile."""
    whole = signer().sign(building.written("profile", {}))
    for name, data in (("a.mobileconfig", b""), ("b.mobileconfig", b"<plist>"), ("c.der", whole[:50])):
        Path(name).write_bytes(data)
        done = run("validate", name)
        assert (done.returncode, "payload-damaged" in done.stdout) == (1, True), done.stderr


def test_region(run: Run) -> None:
    """If this failed, a profile of another region would pass with its token at hand."""
    path = write("a.mobileconfig", **GUIDE)
    Path("us.json").write_text('{"id": "tok_1", "region": "us-east", "tokenExpiry": "2027-01-01T00:00:00Z"}')
    assert run("validate", path, "--region", "eu-west").returncode == 0
    for words in (["--region", "us-east"], ["--token", "us.json"]):
        done = run("validate", path, *words)
        assert (done.returncode, "guide-region" in done.stdout) == (1, True)
    assert run("validate", path, "--token", "us.json", "--region", "eu-west").returncode == 2


def test_trust(run: Run) -> None:
    """If this failed, the roots that a person names would not decide."""
    root = signer("root", authority=True)
    Path("a.mobileconfig").write_bytes(signer("leaf", root).sign(building.written("profile", {})))
    Path("root.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    Path("other.pem").write_bytes(signer("other", authority=True).certificate.public_bytes(Encoding.PEM))
    as_of = ["--as-of", "2026-05-17T08:00:00Z"]
    assert run("validate", "a.mobileconfig", "--trust", "root.pem", *as_of).stdout.splitlines()[0] == (
        "✓ no findings in 1 payload (1 signed)"
    )
    assert run("validate", "a.mobileconfig", "--trust", "other.pem", *as_of).returncode == 1
    assert run("validate", "a.mobileconfig", *as_of).returncode == 0
    assert run("validate", "a.mobileconfig", "--require-signed", *as_of).returncode == 1
    assert "cms-expired" in run("validate", "a.mobileconfig", "--trust", "root.pem", "--as-of", "2060-01-01").stdout


def test_own_trust(run: Run) -> None:
    """If this failed, the roots of this computer would not be used, or none would be an error."""
    root = signer("root", authority=True)
    Path("a.mobileconfig").write_bytes(signer("leaf", root).sign(building.written("profile", {})))
    Path("own.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    done = run("validate", "a.mobileconfig", "--as-of", "2026-05-17T08:00:00Z", SSL_CERT_FILE="own.pem")
    assert done.stdout.splitlines()[0] == "✓ no findings in 1 payload (1 signed)"


def test_diff(run: Run) -> None:
    """If this failed, nobody could show that a server took a key away."""
    sent = write("sent.mobileconfig", **GUIDE)
    back = write("back.mobileconfig", enrollmentMethod="none")
    done = run("validate", "--diff", sent, back, COLUMNS="120")
    assert done.returncode == 1
    assert "it was 'abm' when it was sent, and is 'none'" in done.stdout
    assert "serverUrl" in done.stdout
    assert run("validate", "--diff", sent, sent).returncode == 0
    Path("same.mobileconfig").write_bytes(signer().sign(plistlib.dumps(building.content("profile", GUIDE))))
    assert run("validate", "--diff", sent, "same.mobileconfig").returncode == 0


ALLOW = """
[[allow]]
id = "mdm-topic"
path = "profiles/*.mobileconfig"
reason = "No push in the lab, OPS-1"

[[allow]]
id = "apple-type"
path = "profiles/dep.json"
key = "is_mandatory"
reason = "The MDM mends it, OPS-2"
"""


def test_allow(folder: Path, run: Run) -> None:
    """If this failed, a known finding would stop every rollout, or an exception would hide more than it names."""
    Path("abm-validate.toml").write_text(ALLOW)
    done = run("validate", folder, COLUMNS="120")
    assert done.returncode == 0
    assert "2 findings allowed" in done.stdout.splitlines()[0]
    assert "mdm-topic: No push in the lab, OPS-1" in done.stdout
    write("profiles/dep.json", "dep-profile", is_supervised=1)
    assert run("validate", folder).returncode == 1
    Path("other.toml").write_text(ALLOW.replace("profiles/*", "elsewhere/*"))
    assert run("validate", folder, "--allow", "other.toml").returncode == 1


def test_allow_is_relative_to_its_file(folder: Path, run: Run) -> None:
    """If this failed, the same exceptions would hold in one folder and not in another."""
    Path("profiles/allow.toml").write_text(ALLOW.replace("profiles/", ""))
    assert run("validate", folder, "--allow", "profiles/allow.toml").returncode == 0
    assert run("validate", Path.cwd() / folder, "--allow", "profiles/allow.toml").returncode == 0


def test_unused_exception(run: Run) -> None:
    """If this failed, an exception that outlived its reason would hide the next finding."""
    write("profiles/good.mobileconfig", "mdm")
    Path("abm-validate.toml").write_text(ALLOW)
    done = run("validate", "profiles", "--fail-on", "warning", COLUMNS="120")
    assert done.returncode == 1
    assert "◐ abm-validate.toml:2: warning: no finding mdm-topic" in done.stdout
    assert "◐ abm-validate.toml:7: warning: there is no file profiles/dep.json" in done.stdout
    # What was not looked at may still need it.
    write("other.mobileconfig")
    write("profiles/dep.json", "dep-profile")
    assert "allow-unused" not in run("validate", "other.mobileconfig").stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[allow]]\nid='mdm-topic'\npath='x'", "x.toml:1: Object missing required field `reason`"),
        ("\n[[allow]]\nid='mdm-topic'\npath='x'\nreason=' '", "x.toml:2: the exception has no reason"),
        ("[[allow]]\nid='mdm-topics'\npath='x'\nreason='y'", "x.toml:1: there is no rule 'mdm-topics'"),
        (
            "[[allow]]\nid='mdm-topic'\npath='x'\nreason='y'\nuntil='z'",
            "x.toml:1: Object contains unknown field `until`",
        ),
        ("[allow", "x.toml: is no TOML"),
        ("deny = 1", "x.toml: Object"),
    ],
)
def test_bad_exceptions(text: str, says: str, run: Run) -> None:
    """If this failed, an exception without a reason, or for no rule, would be taken."""
    Path("x.toml").write_text(text)
    done = run("validate", write("a.mobileconfig"), "--allow", "x.toml")
    assert done.returncode == 2
    assert says in done.stderr


def hostile() -> list[Path]:
    """A profile whose keys and name mean harm, one that is allowed something, and one that is damaged."""
    paths = [Path(f"{HOSTILE}.mobileconfig")]
    # Only the binary form holds control characters.
    paths[0].write_bytes(building.written("mdm", {HOSTILE: 1, "Topic": HOSTILE}, plistlib.FMT_BINARY))
    paths.append(write("100% a,b:c.mobileconfig", "mdm", Topic="x"))
    paths.append(write("good.mobileconfig"))
    paths.append(Path("cut.mobileconfig"))
    paths[-1].write_bytes(b"<plist>")
    Path("README").write_text("read me")
    Path("abm-validate.toml").write_text(
        '[[allow]]\nid = "mdm-topic"\npath = "100%*"\nreason = "why not \\u001b"\n'
        '[[allow]]\nid = "payload-damaged"\npath = "good.mobileconfig"\nreason = "gone"\n'
    )
    return [*paths, Path("README")]


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_nothing_foreign_is_obeyed(form: str, run: Run) -> None:
    """If this failed, a profile could colour a terminal, forge an annotation, or break a CI's report."""
    done = run("validate", *hostile(), "--format", form)
    assert done.returncode == 1
    for text in (done.stdout, done.stderr):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert not any(line.startswith("::error::") for line in done.stdout.splitlines())


def test_sarif(run: Run) -> None:
    """If this failed, code scanning would refuse the report, or show its findings elsewhere."""
    done = run("validate", *hostile(), "--format", "sarif")
    document = json.loads(done.stdout)
    schema = json.loads((DATA / "sarif-2.1.0-cut.json").read_text())
    checker = jsonschema.FormatChecker()
    jsonschema.Draft7Validator(schema, format_checker=checker).validate(document)
    [scan] = document["runs"]
    names = [rule["id"] for rule in scan["tool"]["driver"]["rules"]]
    for result in scan["results"]:
        assert names[result["ruleIndex"]] == result["ruleId"]
    topics = [each for each in scan["results"] if each["ruleId"] == "mdm-topic"]
    assert sorted("suppressions" in each for each in topics) == [False, True]
    place = topics[-1]["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "100%25%20a%2Cb%3Ac.mobileconfig"
    assert place["physicalLocation"]["region"]["startLine"] > 1
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "PayloadContent[2].Topic"
    assert scan["invocations"][0]["toolExecutionNotifications"]
    assert "exit code 1: " in done.stderr


def test_junit(run: Run) -> None:
    """If this failed, a CI would refuse the report, or count its tests wrongly."""
    done = run("validate", *hostile(), "--format", "junit")
    xmlschema.XMLSchema(DATA / "junit.xsd").validate(done.stdout)
    suite = ET.fromstring(done.stdout)[0]  # noqa: S314  # It is our own.
    cases = suite.findall("testcase")
    assert suite.get("tests") == str(len(cases))
    failures = [case for case in cases if case.find("failure") is not None]
    assert suite.get("failures") == str(len(failures)) == "2"
    assert suite.get("skipped") == str(sum(case.find("skipped") is not None for case in cases)) == "1"
    assert {failure.get("classname", "")[-17:] for failure in failures} >= {"cut.mobileconfig"}


def test_github(run: Run) -> None:
    """If this failed, a pull request would have no annotation, or one in another file."""
    done = run("validate", write("a.mobileconfig", "mdm", Topic="50%"), "--format", "github")
    line = next(
        number for number, text in enumerate(Path("a.mobileconfig").read_text().splitlines(), 1) if ">Topic<" in text
    )
    start = f"::error file=a.mobileconfig,line={line},title=mdm-topic::PayloadContent[2].Topic: it is '50%25'"
    assert any(each.startswith(start) for each in done.stdout.splitlines())


def test_json(folder: Path, run: Run) -> None:
    """If this failed, a program could not find the payloads, the findings or the counts."""
    Path("abm-validate.toml").write_text(ALLOW)
    document = json.loads(run("validate", folder, "--format", "json", "--as-of", "2026-05-17").stdout)
    schema = json.loads((ROOT / "docs/schema/validate-1.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["schema"] == "abm-trace/validate/1"
    assert document["as_of"] == "2026-05-17T00:00:00Z"
    assert document["counts"] == {"error": 0, "warning": 0, "note": 3, "allowed": 2}
    found = {each["path"]: each for each in document["payloads"]}
    assert found["profiles/dep.json"]["kind"] == "dep-profile"
    [finding] = found["profiles/dep.json"]["findings"]
    assert finding["kind"] == "check"
    assert (finding["id"], finding["key"], finding["allowed"]) == (
        "apple-type",
        "is_mandatory",
        "The MDM mends it, OPS-2",
    )
    assert finding["evidence"][0]["line"] == 5


def test_out(folder: Path, run: Run) -> None:
    """If this failed, a CI could not keep the report and show the text."""
    done = run("validate", folder, "--format", "sarif", "--out", "x.sarif")
    assert done.returncode == 1
    assert done.stdout.startswith("✗ 2 errors")
    assert json.loads(Path("x.sarif").read_text())["version"] == "2.1.0"


def test_rules(run: Run) -> None:
    """If this failed, nobody could look up an id without the network."""
    done = run("validate", "--rules", COLUMNS="200")
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == list(catalogue())
    lines = [json.loads(line) for line in run("validate", "--rules", "--format", "json").stdout.splitlines()]
    assert [line["id"] for line in lines] == list(catalogue())


def test_links_and_pipes(run: Run) -> None:
    """If this failed, a folder could make the run wait for ever, or read files outside of it."""
    write("secret.mobileconfig", Topic="x")
    Path("folder").mkdir()
    write("folder/a.mobileconfig")
    Path("folder/link.mobileconfig").symlink_to(Path("secret.mobileconfig").resolve())
    os.mkfifo("folder/pipe.mobileconfig")
    done = run("validate", "folder")
    assert done.returncode == 0
    assert "1 payload (" in done.stdout
    assert "pipe.mobileconfig" in done.stderr
    assert "link.mobileconfig" in done.stderr
    assert run("validate", "folder/pipe.mobileconfig").returncode == 3


def test_program(run: Run) -> None:
    """If this failed, `abm-validate` would not be the same command."""
    words = [sys.executable, "-c", "from abm_trace.cli.validate import main; main()"]
    good, bad = write("a.mobileconfig"), write("b.mobileconfig", PayloadType="x")
    for path, code in ((good, 0), (bad, 1), (Path("nowhere"), 2)):
        assert subprocess.run([*words, path], capture_output=True, check=False).returncode == code


RECIPES = sorted((ROOT / "docs/recipes").iterdir())


def test_page_has_the_rules() -> None:
    """If this failed, docs/validate.md would not say what is checked: run scripts/make_validate_rules.py."""
    done = subprocess.run([sys.executable, ROOT / "scripts/make_validate_rules.py", "--check"], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("path", [*RECIPES, ROOT / "docs/validate.md"], ids=lambda path: path.name)
def test_commands_of_the_docs(path: Path) -> None:
    """If this failed, a recipe would call the command with options that it does not have."""
    known = {name for option in command.params for name in option.opts}
    text = path.read_text()
    assert "abm-validate" in text
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", re.sub(r"(?m)^.*(openssl|base64).*$", "", text))) <= known


def real(name: str, *words: object, **env: str) -> subprocess.CompletedProcess[str]:
    """A program of this environment or of this computer, done; where it is not here the test is skipped."""
    scripts = str(Path(sys.executable).parent)
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    program = shutil.which(name, path=path)
    if program is None:
        pytest.skip(f"no {name}")
    env = {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "COLUMNS": "200", **env}
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False, env=env)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("github-actions.yml", ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"]),
        ("gitlab-ci.yml", ["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"]),
        ("pre-commit-config.yaml", ["pre-commit", "validate-config"]),
        ("ansible.yml", ["ansible-playbook", "--syntax-check", "-i", "localhost,"]),
    ],
)
def test_recipes_are_taken(name: str, words: list[str], run: Run) -> None:
    """If this failed, the vendor's own program or schema would refuse a recipe as it is, or take anything."""
    text = (ROOT / "docs/recipes" / name).read_text()
    Path(name).write_text(text)
    done = real(*words, name)
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = re.sub(r"(?m)^( *)(script|runs-on|hooks|hosts): *", r"\1\2-x: ", text)
    assert wrong != text
    Path(name).write_text(wrong)
    assert real(*words, name).returncode != 0


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_commands_of_the_pipelines(name: str, folder: Path, run: Run) -> None:
    """If this failed, a pipeline would not stop a bad profile, or leave no report for the merge request."""
    jobs = yaml.safe_load((ROOT / "docs/recipes" / name).read_text())
    lines = [
        *(jobs.get("validate-profiles") or {}).get("script", []),
        *(step["run"] for job in (jobs.get("jobs") or {}).values() for step in job["steps"] if "run" in step),
    ]
    (line,) = (each for each in lines if each.startswith("abm-validate "))
    done = real("sh", "-c", line)
    assert done.returncode == 1, done.stderr
    assert re.search(r"mdm-topic", Path(line.split("--out ")[1]).read_text())
    Path("profiles/sub/bad.mobileconfig").unlink()
    Path("profiles/dep.json").unlink()
    write("profiles/good.mobileconfig", "mdm", **GUIDE)
    assert real("sh", "-c", line).returncode == 0


@pytest.mark.slow
def test_ansible_runs_the_recipe(run: Run) -> None:
    """If this failed, a play would hand a bad profile to the MDM, or stop before a good one."""
    here = Path.cwd()
    quiet = {"ANSIBLE_HOME": str(here), "ANSIBLE_NOCOLOR": "1"}
    sent = write("profiles/enrollment.mobileconfig", **GUIDE)
    back = write("back.mobileconfig", serverUrl=GUIDE["serverUrl"])
    for said, code, says in (
        ("region=us-east", 2, "guide-region"),
        (f"readback={here / sent}", 0, "ok=2"),
        (f"readback={here / back}", 2, "readback-changed"),
    ):
        words = ["-i", "localhost,", ROOT / "docs/recipes/ansible.yml", "-e", f"profile={here / sent}", "-e", said]
        done = real("ansible-playbook", *words, **quiet)
        assert (done.returncode, says in done.stdout) == (code, True), done.stdout + done.stderr


def test_terraform_applies_the_recipe(run: Run) -> None:
    """If this failed, a plan would apply what hangs on a bad profile, or nothing at all."""
    Path("main.tf").write_text((ROOT / "docs/recipes/terraform.tf").read_text())
    quiet = {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    for region, code in (("eu-west", 0), ("us-east", 1)):
        write("profiles/enrollment.mobileconfig", **GUIDE | {"serverUrl": f"https://{region}.abm.apple.com"})
        assert real("terraform", "init", "-no-color", **quiet).returncode == 0
        done = real("terraform", "apply", "-auto-approve", "-no-color", **quiet)
        assert (done.returncode, "guide-region" in done.stdout + done.stderr) == (code, bool(code)), done.stderr


def test_hook() -> None:
    """If this failed, pre-commit would not find the command, or not the profiles."""
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts[hook["entry"]] == "abm_trace.cli.validate:main"
    assert re.search(hook["files"], "profiles/a.mobileconfig")
    [repo] = yaml.safe_load((ROOT / "docs/recipes/pre-commit-config.yaml").read_text())["repos"]
    [use] = repo["hooks"]
    assert use["id"] == hook["id"]
    for name in ("a.mobileconfig", "x/a.mobileconfig", "dep/a.json", "x/dep/a.json"):
        assert re.search(use["files"], name)
    assert not re.search(use["files"], "package.json")


def test_pre_commit_runs_the_hook(run: Run) -> None:
    """If this failed, a commit of a bad profile would go through, or a good one and other files be stopped."""
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    [recipe] = yaml.safe_load((ROOT / "docs/recipes/pre-commit-config.yaml").read_text())["repos"]
    # The hook as it is, of this environment instead of one that is made from the network.
    here = {**hook, **recipe["hooks"][0], "language": "system"}
    Path(".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": [here]}]}))
    who = {f"GIT_{each}_{what}": "x@example.org" for each in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PRE_COMMIT_HOME": str(Path.cwd() / "kept"), "GIT_CONFIG_GLOBAL": os.devnull, **who}
    Path(".gitignore").write_text("/kept/\n")
    Path("package.json").write_text('{"profile_name": "x", "url": "http://y"}')
    assert real("git", "init", "-q", **env).returncode == 0
    done = real("pre-commit", "install", **env)
    assert done.returncode == 0, done.stdout + done.stderr
    for region, code in (("eu-west", 0), ("us-east", 1)):
        write("profiles/enrollment.mobileconfig", **GUIDE | {"serverUrl": f"https://{region}.abm.apple.com"})
        assert real("git", "add", "-A", **env).returncode == 0
        done = real("git", "commit", "-q", "-m", "x", **env)
        assert (done.returncode, "guide-region" in done.stdout + done.stderr) == (code, bool(code)), done.stderr
