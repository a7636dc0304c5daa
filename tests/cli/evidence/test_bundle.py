"""`abm-trace evidence bundle`: what leaves the house, and what does not."""

import gzip
import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.cli.conftest import Run, case

from abm_trace.cli.evidence import _names
from abm_trace.evidence import blobs
from abm_trace.evidence.alone import main
from abm_trace.identity import canonical

__all__ = ["case"]

SCHEMAS = Path(__file__).parents[3] / "docs/schema"
CANARIES = {
    "token": "canary-t0ken-value",
    "consumer": "CS_canaryconsumersecret",
    "bearer": "canary-bearer-abcdef",
    "cookie": "canary-cookie-1",
    "basic": "Y2FuYXJ5OmJhc2lj",
    "password": "canary-hunter2",
    "wifi": "canary-wifi-psk",
    "person": "Canary Nightingale",
    "mail": "canary@clinic.example",
    "serial": "F9FCANARY1",
    "unknown": "C02CANARY9G5",
    "imei": "490154203237518",
    "udid": "00008110-00CA4A27CA4A2701",
    "pem": "canarypemline",
    "home": "canarynightingale",
}


@pytest.fixture
def canaries(case: Path, tmp_path: Path) -> Path:
    """A case with secrets of every kind in it."""
    folder = tmp_path / "case"
    for source in case.rglob("*"):
        if source.is_file():
            target = folder / source.relative_to(case)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    told = CANARIES
    (folder / "tokens/server.json").write_text(
        json.dumps({"consumer_secret": told["consumer"], "access_token": told["token"], "access_secret": told["token"]})
    )
    (folder / "tokens/pretty.json").write_text(json.dumps({"access_token": [told["token"]]}, indent=1))
    (folder / f"logs/{told['serial']}.log").write_text(
        f"2026-05-17 03:47:12.883 DEBUG com.apple.ManagedClient Preparing for enrollment…\n"
        f"2026-05-17 03:47:12.983 DEBUG com.apple.ManagedClient serial={told['serial']} of {told['unknown'].lower()}\n"
        f"2026-05-17 03:47:13.883 DEBUG com.apple.ManagedClient Authorization: Bearer {told['bearer']}\n"
        f"2026-05-17 03:47:13.983 DEBUG com.apple.ManagedClient Cookie: a=1; session={told['cookie']}\n"
        f"2026-05-17 03:47:14.883 DEBUG com.apple.ManagedClient Authorization: Basic {told['basic']}\n"
        f"2026-05-17 03:47:15.883 DEBUG com.apple.ManagedClient password={told['password']} imei={told['imei']}\n"
        f"-----BEGIN PRIVATE KEY-----\n{told['pem']}\n-----END PRIVATE KEY-----\n"
    )
    (folder / "logs/cited").mkdir()
    (folder / f"logs/cited/{told['serial']}.log").write_text(
        "2026-05-17 03:47:12.883 DEBUG com.apple.ManagedClient [ABM] Preparing for enrollment…\n"
        + "".join(
            f"2026-05-17 03:47:16.{100 + number} ERROR com.apple.ManagedClient [ABM] TLS handshake failed: unknown "
            f"issuer of {told['serial']} for {canary}, x={canary} {canary[::-1]}\n"
            for number, canary in enumerate(told.values())
        )
    )
    escaped = (
        f"a\n{told['serial']}\npassword={told['password']}\nfile:///Users/{told['home']}/x\r\nCookie: {told['cookie']}"
    )
    line = json.dumps({"eventMessage": escaped, "processImagePath": f"/Users/{told['home']}/x", "name": told["person"]})
    (folder / "logs/escaped.ndjson").write_text(line.replace("/", "\\/") + "\n" + json.dumps({"inner": line}) + "\n")
    (folder / f"http/{told['serial']}.har").parent.mkdir(exist_ok=True)
    (folder / f"http/{told['serial']}.har").write_text(
        json.dumps({"log": {"entries": [{"request": {"headers": [{"name": "Cookie", "value": told["cookie"]}]}}]}})
    )
    (folder / "mdm/users.csv").write_text(
        f"serial_number,udid,user,email,wifi_password\n"
        f"{told['serial']},{told['udid']},{told['person']},{told['mail']},{told['wifi']}\n"
    )
    (folder / "profiles/wifi.mobileconfig").write_text(
        f"<plist><dict>\n<key>Password</key>\n<string>{told['wifi']}</string>\n</dict></plist>\n"
    )
    with (folder / "manifest.csv").open("a") as file:
        file.write(f"{told['serial']},{told['udid']}" + "," * 11 + "\n")
    return folder


def opened(path: Path) -> Iterator[bytes]:
    """All that is in a bundle: as it stands, and each part expanded."""
    yield path.read_bytes()
    with tarfile.open(path) as tar:
        for each in tar:
            file = tar.extractfile(each)
            assert file
            yield each.name.encode()
            yield b"".join(blobs.unpack(file)) if each.name.endswith(".zst") else file.read()  # type: ignore[arg-type]


def serials(folder: Path) -> set[str]:
    """The serial numbers of the case."""
    rows = (folder / "manifest.csv").read_text().splitlines()[1:]
    return {row.partition(",")[0] for row in rows} | {CANARIES["serial"], CANARIES["unknown"]}


def test_canaries_stay_at_home(run: Run, log: Path, canaries: Path, tmp_path: Path) -> None:
    """If this failed, a redacted bundle, the log's public half, or an error would give a secret away (R25)."""
    done = run("evidence", "add", "ev", canaries, "--trace")
    words = ("evidence", "bundle", "ev", "--redact", "--key", "r.key", "--reason", "audit")
    made = run(*words, "--out", "red.tar")
    assert made.returncode == 0, made.stderr
    assert main([str(tmp_path / "red.tar")]) == 0
    assert run("evidence", "bundle", "ev", "--out", "full.tar", "--reason", "audit").returncode == 0
    secret = blobs.Secret.parse((log / "private/000").read_text().splitlines()[2])
    assert secret
    (log / blobs.path_of(secret.sha256)).write_bytes(b"damaged")
    failed = run(*words, "--out", "again.tar")
    assert failed.returncode == 2
    assert not Path("again.tar").exists()
    public = [
        path.read_bytes() for name in ("tile", "checkpoints") for path in (log / name).rglob("*") if path.is_file()
    ]
    said = [each.encode() for run_ in (done, made, failed) for each in (run_.stdout, run_.stderr)]
    key = Path("r.key").read_text().strip()
    shown = b"\n".join([*opened(tmp_path / "red.tar"), *public, *said]).lower()
    found = [name for name, text in {**CANARIES, "key": key}.items() if text.lower().encode() in shown]
    assert found == []
    assert [each for each in serials(canaries) if each.lower().encode() in shown] == []
    assert bytes.fromhex(key) not in b"".join(opened(tmp_path / "red.tar"))
    assert re.search(rb"TLS handshake failed: unknown issuer of \[device ", b"".join(opened(tmp_path / "red.tar")))
    seen = b"".join(opened(tmp_path / "full.tar"))
    assert CANARIES["serial"].encode() in seen, "the search finds what is there"


CRASH = """
from abm_trace.evidence import redaction
def crash(self, line, words):
    if b"canary" in line.lower():
        raise RuntimeError("a fault of ours")
redaction.Mask.line = crash
from abm_trace.cli import main
main()
"""


def test_a_traceback_gives_nothing_away(run: Run, log: Path, canaries: Path) -> None:
    """If this failed, a report of a fault of ours would carry the secret that we stumbled over (R25)."""
    run("evidence", "add", "ev", canaries, "--trace")
    words = ["evidence", "bundle", "ev", "--redact", "--key", "r.key", "--out", "red.tar", "--reason", "audit"]
    done = subprocess.run([sys.executable, "-c", CRASH, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 70, done.stderr
    assert "a fault of ours" in done.stderr
    assert [name for name, text in CANARIES.items() if text.lower() in (done.stderr + done.stdout).lower()] == []
    assert not Path("red.tar").exists()
    assert not list(Path().glob(".red.tar*"))


def test_a_dictionary_finds_nothing(run: Run, log: Path, canaries: Path, tmp_path: Path) -> None:
    """If this failed, whoever gets a redacted bundle could try all serial numbers, or all lines, against it."""
    run("evidence", "add", "ev", canaries, "--trace")
    run("evidence", "bundle", "ev", "--redact", "--key", "r.key", "--reason", "audit", "--out", "red.tar")
    hay = b"\n".join(opened(tmp_path / "red.tar"))
    tokens = set(re.findall(rb"[0-9a-f]{16,128}", hay))
    prefixes = {each[:16] for each in tokens}
    guesses = {form for each in serials(canaries) for form in (each, each.lower(), f"S{each}", f"serial={each}")}
    texts = {form.encode() + end for form in guesses for end in (b"", b"\n", b"\r\n", b"\0")}
    texts |= {b"device\0" + each.encode() for each in guesses}
    for path in canaries.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            lines = data.splitlines(keepends=True)
            texts |= {data, *lines, *(line.rstrip(b"\r\n") for line in lines)}
    keys = (b"", bytes(32), b"abm-trace")
    texts -= shown_lines(hay)

    def is_found(digest: bytes) -> bool:
        return digest in hay or digest.hex()[:16].encode() in prefixes

    for text in texts:
        for name in ("sha256", "sha1", "md5"):
            assert not is_found(hashlib.new(name, text).digest()), (name, text[:80])
        assert not any(is_found(hmac.digest(key, text, "sha256")) for key in keys), text[:80]
    secret = bytes.fromhex(Path("r.key").read_text().strip())
    named = [
        each
        for each in serials(canaries)
        if is_found(hmac.digest(secret, b"device\0" + canonical(each).encode(), "sha256"))
    ]
    assert len(named) > 20, "with the key the same search finds them"


def shown_lines(hay: bytes) -> set[bytes]:
    """The lines that are shown as they were kept, whose digests say nothing new."""
    lines = {line[35:] for line in hay.splitlines(keepends=True) if line.startswith(b"= ")}
    return lines | {line.rstrip(b"\r\n") for line in lines} | {b"".join((b"", each)) for each in (b"", b"\n")}


def test_no_bundle_without_a_record(run: Run, log: Path) -> None:
    """If this failed, evidence would leave the house without the log saying so (R15)."""
    Path("a.log").write_bytes(b"a line\n")
    run("evidence", "add", "ev", "a.log")
    staging = log / "private/staging.db"
    staging.unlink()
    staging.mkdir()
    done = run("evidence", "bundle", "ev", "--out", "b.tar", "--reason", "audit")
    assert done.returncode == 2
    assert "staging.db" in done.stderr
    assert not Path("b.tar").exists()


def test_usage(run: Run, log: Path) -> None:
    """If this failed, a bundle could go out unredacted by a slip, or with its key in it."""
    for words in (("--redact",), ("--key", "k"), ("--redact", "--key", "ev/k"), ("--redact", "--key", "b.tar")):
        done = run("evidence", "bundle", "ev", "--out", "b.tar", "--reason", "audit", *words)
        assert done.returncode == 2, words
    Path("page.html").write_text("x")
    done = run(
        "evidence", "bundle", "ev", "--out", "b.tar", "--reason", "x", "--redact", "--key", "k", "--report", "page.html"
    )
    assert done.returncode == 2
    assert not Path("b.tar").exists()
    done = run("evidence", "bundle", "ev", "--out", "b.tar", "--reason", "audit", "--only", "F9FNOTTHERE")
    assert "no record is bound" in done.stderr


def test_it_is_checked_alone(run: Run, log: Path, case: Path, tmp_path: Path) -> None:
    """If this failed, an auditor could not check what they got with the program that stands alone."""
    run("evidence", "add", "ev", case, "--trace")
    done = run("evidence", "bundle", "ev", "--out", "b.tar", "--reason", "audit")
    assert "not redacted" in done.stdout
    key = run("evidence", "key", "list", "ev").stdout.strip()
    os.rename("ev", "gone")  # noqa: PTH104  # Nothing else is needed.
    done = run("evidence", "verify", "b.tar", "--key", key, "--format", "json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["whole"], found["bundle"]["withheld"]) == (0, True, 0)
    subprocess.run(["tar", "xf", "b.tar"], check=True, cwd=tmp_path)
    os.rename("gone", "ev")  # noqa: PTH104  # As above.
    last = found["size"] - 1
    contents = json.loads(run("evidence", "log", "ev", "--bytes", last).stdout)
    Draft202012Validator(json.loads((SCHEMAS / "bundle-1.json").read_text())).validate(contents)
    assert Path("about/report.txt").read_text().startswith("The verdicts of record ")


def test_two_reports_of_one_name(run: Run, log: Path) -> None:
    """If this failed, the second would stop the command with a traceback."""
    for name in ("ra", "rb"):
        Path(name).mkdir()
        Path(name, "x.pdf").write_bytes(b"%PDF")
    words = ("evidence", "bundle", "ev", "--out", "b.tar", "--reason", "x")
    done = run(*words, "--report", "ra/x.pdf", "--report", "rb/x.pdf")
    assert (done.returncode, "--report x.pdf: two files of that name" in done.stderr) == (2, True)
    assert run(*words, "--report", "ra/x.pdf").returncode == 0


@pytest.mark.parametrize(
    ("actor", "reason", "named"),
    [
        ("cy", "device F9FXQ1ABCD of Jane", "--reason"),
        ("cy", "f9fx-q1ab-cd", "--reason"),
        ("cy", "call 079 555 12 34", "--reason"),
        ("cy", "of dev_409c3d7dc9dfb5b0", "--reason"),
        ("jane@example.com", "audit", "--actor"),
        ("cy", "asked by jane%40example.com", "--reason"),
        ("cy", "user agents of case 102030", ""),
    ],
)
def test_a_redacted_bundle_takes_no_names(run: Run, log: Path, actor: str, reason: str, named: str) -> None:
    """If this failed, who asks for a redacted bundle could put in by hand what was taken out of it."""
    Path("manifest.csv").write_text("serial,site\nF9FXQ1ABCD,clinic-19\n")
    assert run("evidence", "add", "ev", "manifest.csv", "--serial", "F9FXQ1ABCD").returncode == 0
    said = ("--actor", actor, "--reason", reason, "--out", "b.tar")
    done = run("evidence", "bundle", "ev", "--redact", "--key", "r.key", *said)
    assert (done.returncode, named in done.stderr, Path("b.tar").exists()) == (
        (2, True, False) if named else (0, True, True)
    )
    assert Path("r.key").exists() == (not named), "what is refused makes no key"
    if named == "--reason":
        assert run("evidence", "bundle", "ev", *said).returncode == 0
        made = run("evidence", "bundle", "ev", "--redact", "--key", "r.key", "--out", "c.tar", "--reason", "audit")
        assert made.returncode == 0


def test_a_name_that_stands_in_the_log(run: Run, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, nobody would be told that a redacted bundle holds what a hold said long ago."""
    with monkeypatch.context() as patched:
        patched.setattr(_names, "refuse", lambda *_, **__: None)
        assert run("evidence", "hold", "ev", "--reason", "laptop of jane@example.com").returncode == 0
    done = run("evidence", "bundle", "ev", "--redact", "--key", "r.key", "--out", "b.tar", "--reason", "audit")
    assert done.returncode == 0
    assert "record 2 states a name or number" in done.stderr


def test_others_in_the_same_page(run: Run, log: Path, case: Path) -> None:
    """If this failed, a bundle of one device would give the others away, for they stand in the same line."""
    shutil.copytree(case, "whole")
    page = Path("whole/mdm/inventory-00001.json")
    page.write_text(json.dumps(json.loads(page.read_text())))
    run("evidence", "add", "ev", "whole", "--trace")
    serial, *others = re.findall(r"F9F[0-9A-Z]{7}", page.read_text())
    done = run("evidence", "bundle", "ev", "--out", "b.tar", "--only", serial, "--reason", "audit")
    assert done.returncode == 0, done.stderr
    assert "withheld, for other devices stand in the same line or page: " in done.stdout
    shown = b"".join(opened(Path("b.tar")))
    assert serial.encode() in shown
    assert [each for each in others if each != serial and each.encode() in shown] == []


def test_others_in_a_compressed_file(run: Run, log: Path) -> None:
    """If this failed, a bundle of one device would give another away in a .gz, or hold it back without a word."""
    for serial in ("F9FXQ1ABCD", "F9FXQ2ABCD"):
        Path(serial).mkdir()
        Path(serial, "a.log").write_text(f"of {serial}\n")
        Path(serial, "b\x1b.log.gz").write_bytes(gzip.compress(b"of F9FXQ1ABCD\npeer F9FXQ2ABCD password=canary\n"))
        assert run("evidence", "add", "ev", serial, "--serial", serial).returncode == 0
    done = run("evidence", "bundle", "ev", "--out", "b.tar", "--only", "F9FXQ1ABCD", "--reason", "audit")
    assert done.returncode == 0, done.stderr
    assert "withheld whole: record " in done.stdout
    assert "b\\x1b.log.gz: another device stands, or may stand, in what it expands to" in done.stdout
    assert "\x1b" not in done.stdout
    assert not any(each.startswith(b"\x1f\x8b") for each in opened(Path("b.tar")))
    assert main(["b.tar"]) == 0


@pytest.mark.skipif(
    any(shutil.which(each) is None for each in ("bash", "xxd", "openssl", "zstd")),
    reason="the commands of the page need bash, xxd, openssl and zstd",
)
def test_what_is_withheld_can_be_opened(run: Run, log: Path) -> None:
    """If this failed, an auditor would wait in vain for the line that was withheld."""
    lines = [f"line {number} of Jane\n" for number in range(600)]
    Path("a.log").write_text("".join(lines))
    run("evidence", "add", "ev", "a.log")
    run("evidence", "bundle", "ev", "--redact", "--key", "r.key", "--out", "b.tar", "--reason", "audit")
    with tarfile.open("b.tar") as tar:
        part = tar.extractfile("about/lines/000000002.zst")
        assert part
        shown = b"".join(blobs.unpack(part)).decode().splitlines()  # type: ignore[arg-type]  # A binary file.
    recipe = (SCHEMAS.parent / "evidence.md").read_text().split("```sh\nstore=evidence record=40 line=12\n")[1]
    for number in (1, 256, 257, 600):
        head = f"set -eu; store=ev record=2 line={number}\n"
        done = subprocess.run(
            ["bash", "-c", head + recipe.partition("```")[0]], capture_output=True, text=True, check=True
        )
        assert Path("opened").read_text() == lines[number - 1]
        assert shown[number - 1] == f"# {done.stdout.split()[2]} [withheld]"
