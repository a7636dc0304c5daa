"""Parts of documents: a manifest's rows, a profile's keys, a token's answer, and what is wrong with them."""

import plistlib
from pathlib import Path
from typing import Any

import pytest

from abm_trace.core.errors import UsageError
from abm_trace.gates.policy.documents import Device, Payload, Token
from abm_trace.gates.policy.parts import manifest, payload, token


def test_a_manifests_rows_are_devices(tmp_path: Path) -> None:
    """If this failed, a manifest would have to be written anew as JSON before anything is decided."""
    path = tmp_path / "manifest.csv"
    path.write_text(
        "\ufeffserial,os_version,clock_offset_s,quarantined,batch\r\n"
        "F9FXQ1ABCD,18.10,-0.5,no,b1\r\n\r\n"
        '"F9FXQ1ABCE", ,,TRUE,\r\n'
    )
    found = manifest(path)
    assert [name for name, _ in found] == [f"{path}:2 F9FXQ1ABCD", f"{path}:4 F9FXQ1ABCE"]
    assert [document.device for _, document in found] == [
        Device(serial="F9FXQ1ABCD", os_version="18.10", clock_offset_s=-0.5, quarantined=False, extra={"batch": "b1"}),
        Device(serial="F9FXQ1ABCE", quarantined=True),
    ]


@pytest.mark.parametrize("sign", [";", "\t"], ids=["semicolon", "tab"])
def test_a_manifest_as_a_spreadsheet_saves_it(sign: str, tmp_path: Path) -> None:
    """If this failed, what triage reads as a manifest would be none for a policy."""
    path = tmp_path / "m.csv"
    path.write_text(f"serial{sign}os_version\nF9FXQ1ABCD{sign}18,4\n")
    ((_, document),) = manifest(path)
    assert document.device == Device(serial="F9FXQ1ABCD", os_version="18,4")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "has no column serial"),
        (b"number;os_version\nA;18\n", "has no column serial"),
        (b"serial\n", "names no device"),
        (b"serial,clock_offset_s\nA,fast\n", ":2: clock_offset_s: 'fast' is no number"),
        (b"serial,clock_offset_s\nA,nan\n", ":2: clock_offset_s: 'nan' is no number"),
        (b"serial,quarantined\nA,maybe\n", ":2: quarantined: must be true or false, is a text"),
        (b'serial\n"A\n', "is no table"),
        (b"serial\n" + b"A" * 200_000, "is no table"),
        (b"serial\n\xff\n", "is no table"),
    ],
)
def test_a_bad_manifest_is_told_with_its_line(data: bytes, says: str, tmp_path: Path) -> None:
    """If this failed, a row would be left out, and nobody would decide about its device."""
    path = tmp_path / "m.csv"
    path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        manifest(path)
    assert says in str(caught.value)
    assert caught.value.hint


def profile(path: Path, **keys: Any) -> Path:  # noqa: ANN401  # Whatever a property list holds.
    """A profile with these keys at its top."""
    top = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": "x",
        "PayloadUUID": "y",
        "PayloadContent": [],
    }
    path.write_bytes(plistlib.dumps(top | keys))
    return path


def test_a_profiles_keys_are_the_payload(tmp_path: Path) -> None:
    """If this failed, the very profile that is sent could not be decided about."""
    path = profile(tmp_path / "p.mobileconfig", enrollmentMethod="abm", serverUrl="https://eu-west.abm.apple.com")
    assert payload(path) == Payload(enrollmentMethod="abm", serverUrl="https://eu-west.abm.apple.com")
    assert payload(profile(path)) == Payload()
    inner = [{"PayloadType": "x", "enrollmentMethod": "none"}]
    assert payload(profile(path, PayloadContent=inner)).enrollmentMethod == "none"
    assert payload(profile(path, enrollmentMethod=5)).enrollmentMethod == "(a integer)"


def test_what_is_no_profile_or_says_two_things_is_told(tmp_path: Path) -> None:
    """If this failed, the gate would decide about half of a profile."""
    path = profile(tmp_path / "p.mobileconfig", enrollmentMethod="abm", PayloadContent=[{"enrollmentMethod": "none"}])
    with pytest.raises(UsageError, match="says two things of enrollmentMethod"):
        payload(path)
    for data in (b"", b"no profile", b"<plist>", b"bplist00" + bytes(40)):
        path.write_bytes(data)
        with pytest.raises(UsageError) as caught:
            payload(path)
        assert "abm-trace validate" in caught.value.hint


def test_a_token_as_it_is_answered(tmp_path: Path) -> None:
    """If this failed, a token with a key that we do not know could not be used."""
    path = tmp_path / "t.json"
    path.write_text('{"id": "tok_1", "region": "eu-west", "tokenExpiry": "2026-08-01T00:00:00Z", "scopes": ["a"]}')
    assert token(path) == Token(
        id="tok_1", region="eu-west", tokenExpiry="2026-08-01T00:00:00Z", extra={"scopes": ["a"]}
    )
    path.write_text("[]")
    with pytest.raises(UsageError):
        token(path)
    path.write_text("[1, 2]")
    with pytest.raises(UsageError, match="is not one token"):
        token(path)
    path.write_text('{"region": 5}')
    with pytest.raises(UsageError, match="region: must be a text, is a number"):
        token(path)
