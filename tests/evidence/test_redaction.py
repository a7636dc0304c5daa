"""What of a file is given away, line by line."""

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from abm_trace.cli import main
from abm_trace.core.redact import LABELS, Redactor
from abm_trace.evidence.errors import EvidenceError, RefusedError
from abm_trace.evidence.redaction import Redacted, key_of

KEY = bytes(range(32))
SECRET = "c4nary-secret"  # noqa: S105  # As it says.


def given(data: bytes | str) -> list[bytes | None]:
    """What is shown of each line of a file."""
    redacted = Redacted(Redactor(LABELS, key=KEY, wary=True))
    lines = (data.encode() if isinstance(data, str) else data).splitlines(keepends=True)
    return redacted(lines)


def test_what_may_be_shown_stays_as_it_is() -> None:
    """If this failed, the lines that matter could not be verified."""
    text = (
        "thread 0x16d4a20c0 of 20260517T084712Z\n"
        "2026-05-17 03:47:12.883 DEBUG com.apple.DeviceManagement.Enrollment [ABM] Sending enrollment request to "
        "https://eu-west.abm.apple.com/v1/devices\n"
        'ERROR … ABMErrorDomain Code=4001 "Device identifier rejected: unstable, duplicate, or missing"\n'
        "May 17 00:11:09 iPad mdmclient[393] <Debug>: [ABM] Preparing for enrollment…"
    )
    assert given(text) == text.encode().splitlines(keepends=True)


@pytest.mark.parametrize(
    "text",
    [
        f"<?xml version='1.0'?>\n<plist><dict><key>Password</key>\n<string>{SECRET}</string>\n",
        f"\ufeff<plist>\n<string>{SECRET}</string>\n",
        f"bplist00\x01\n{SECRET}\n",
        f'{{"x": 1,\n "password":\n  "{SECRET}"\n}}\n',
        f'{{"cookies": [\n "a"\n], "access_token": [\n "{SECRET}"\n]}}\n',
        f'{{"user": {{\n "full": "{SECRET}"\n}}}}\n',
        f'"name": "Authorization",\n"value": "{SECRET}"\n',
        f'{{"name":"Cookie","value":"{SECRET}"}}\n',
        f"log of <key>PushMagic</key>\n<string>{SECRET}</string>\n",
        f"x\n-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\nx\n",
        f"x\n-----BEGIN PKCS7-----\n{SECRET}\n",
        f"serial,user,x\nF9FXQ1ABCD,{SECRET},1\n",
        f'serial;password;x\nF9FXQ1ABCD;"{SECRET}";1\n',
        f'a,user\n1,"{SECRET}\nmore"\n',
        f"a,user\n1,2,{SECRET}\n",
        f"Cookie: a=1; b={SECRET}\n",
        f"Authorization: Digest username={SECRET}, x=1\n",
        f"password={SECRET}\n",
        f'{{"name":"{SECRET}","x":1}}\n',
        f'{{"a":"{{\\"actorName\\":\\"{SECRET}\\"}}"}}\n',
        f'{{"org_phone" : "{SECRET}"}}\n',
        f"serial,Department\nF9FXQ1ABCD,{SECRET}\n",
        f"user {SECRET} signed in\n",
        f"owner jane {SECRET}\n",
        f"Password is {SECRET}\n",
        f"assigned_user: Jane {SECRET}\n",
        f"passphrase {SECRET} x\n",
        f"SSID {SECRET}\n",
    ],
)
def test_secrets_across_lines(text: str) -> None:
    """If this failed, a secret would leave the house because its name stands on another line."""
    assert SECRET in text
    assert SECRET.encode() not in b"".join(each for each in given(text) if each)


@pytest.mark.parametrize("line", ["user jane signed in\n", "\uff55\uff53\uff45\uff52 jane\n", "10.2.\u200b3.4\n"])
def test_in_doubt_the_line_is_withheld(line: str) -> None:
    """If this failed, a line would show a part of what has to be hidden; its commitment proves it all the same."""
    assert given(f"one…\n{line}three\n") == ["one…\n".encode(), None, b"three\n"]


def test_bytes_that_are_no_text() -> None:
    """If this failed, what nobody can look through would be given away."""
    assert given(b"\x00\x01\nF9FXQ1ABCD\nplain\n") == [None, None, None]
    assert given(b"one\n\xff two\nthree\n") == [b"one\n", None, b"three\n"]
    assert given(b"\x1f\x8b\x08\nplain\n") == [None, b"plain\n"]


@pytest.mark.parametrize(
    "word",
    ["F9FXQ1ABCD", "C02XK1ZJJG5H", "f9fxq1abcd", "f9f9e7e6ca", "00008110-001A2B3C4D5E801E", "9C1E" * 16, "ab12cd" * 7,
     "0E6A1F5C-9A0E-4B0E-8E57-3A2E86B8B2D1", "RjlGWFExQUJDRA==", "463946585131414243", "10.2.3.4"],
)  # fmt: skip
def test_identifiers_that_nobody_named(word: str) -> None:
    """If this failed, a device that no binding names would be shown by its serial number or digest."""
    (line,) = given(f"device {word} seen\n")
    assert line
    assert word.rstrip("=").encode() not in line


def test_the_key_is_made_once_and_kept_apart(tmp_path: Path) -> None:
    """If this failed, pseudonyms would change from bundle to bundle, or others could undo them."""
    path = tmp_path / "r.key"
    key, is_new = key_of(path, lambda size: bytes(range(size)))
    assert (key, is_new) == (KEY, True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_of(path, lambda size: b"") == (KEY, False)
    path.chmod(0o644)
    with pytest.raises(RefusedError, match="0600"):
        key_of(path, lambda size: b"")
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(EvidenceError, match="64 hex digits"):
        key_of(path, lambda size: b"")


@pytest.mark.parametrize(
    ("actor", "reason", "named"),
    [
        ("cy", "device F9FXQ1ABCD of Jane", "--reason"),
        ("cy", "f9fx-q1ab-cd", "--reason"),
        ("jane@example.com", "audit", "--actor"),
        ("cy", "asked by jane%40example.com", "--reason"),
        ("cy", "user agents of case 102030", ""),
    ],
)
def test_a_redacted_bundle_takes_no_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, actor: str, reason: str, named: str
) -> None:
    """If this failed, who asks for a redacted bundle could put in by hand what was taken out of it."""
    monkeypatch.chdir(tmp_path)
    Path("case").mkdir()
    Path("case/manifest.csv").write_text("serial,model,os_version,build,site\nF9FXQ1ABCD,iPad16,26.5,23F77,clinic-19\n")
    said = ("--actor", actor, "--reason", reason, "--out", "b.tar")

    def evidence(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["evidence", *words])
        return (2 if isinstance(done.exception, Exception) else done.exit_code), f"{done.output}{done.exception}"

    assert evidence("key", "new", "ev", "--origin", "acme.example/evidence", "--actor", "cy")[0] == 0
    assert evidence("add", "ev", "case", "--trace")[0] == 0
    code, text = evidence("bundle", "ev", "--redact", "--key", "r.key", *said)
    assert (code, named in text, Path("b.tar").exists()) == ((2, True, False) if named else (0, True, True)), text
    if named == "--reason":
        assert evidence("bundle", "ev", *said)[0] == 0
