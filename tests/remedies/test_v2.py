"""v2: what is understood is rewritten together with what reads its answer, and everything else is left and told."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from abm_trace.remedies.v2 import diff, look

HOST = "https://us-east.abm.apple.com"
SHELL = "jq -r .status"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (
            "s.sh",
            'curl "https://us-east.abm.apple.com/v1/devices/$S" | jq -r .status',
            'curl "https://us-east.abm.apple.com/v2/devices/$S/lifecycle" | jq -r .registrationStatus.state',
        ),
        (
            "s.sh",
            "curl https://us-east.abm.apple.com/v1/devices/F9FX | jq '.status, .status_since'",
            (
                "curl https://us-east.abm.apple.com/v2/devices/F9FX/lifecycle "
                "| jq '.registrationStatus.state, .registrationStatus.timestamp'"
            ),
        ),
        (
            "s.sh",
            "curl -s https://us-east.abm.apple.com:8443/v1/devices/${S} \\\n  | jq '{d: .device_id, s: .status}'",
            (
                "curl -s https://us-east.abm.apple.com:8443/v2/devices/${S}/lifecycle \\\n"
                "  | jq '{d: .device_id, s: .registrationStatus.state}'"
            ),
        ),
        (
            "s.sh",
            'curl "https://$REGION.abm.apple.com/v1/devices/$S" | jq .status',
            'curl "https://$REGION.abm.apple.com/v2/devices/$S/lifecycle" | jq .registrationStatus.state',
        ),
        (
            "s.sh",
            'curl "$ABM_URL/v1/devices/$(id)" | jq .status; echo done',
            'curl "$ABM_URL/v2/devices/$(id)/lifecycle" | jq .registrationStatus.state; echo done',
        ),
        (
            "p.py",
            'get(f"{ABM}/v1/devices/{s}").json()["status"]',
            'get(f"{ABM}/v2/devices/{s}/lifecycle").json()["registrationStatus"]["state"]',
        ),
        (
            "p.py",
            "get(f'{abm}/v1/devices/{s}').json().get('status_since')",
            'get(f\'{abm}/v2/devices/{s}/lifecycle\').json()["registrationStatus"]["timestamp"]',
        ),
        (
            "c.toml",
            'url = "https://us-east.abm.apple.com/v1/devices/{id}"',
            'url = "https://us-east.abm.apple.com/v2/devices/{id}/lifecycle"',
        ),
        (
            "c.yml",
            "url: https://{{ region }}.abm.apple.com/v1/devices/{{ serial }}",
            "url: https://{{ region }}.abm.apple.com/v2/devices/{{ serial }}/lifecycle",
        ),
        (
            "c.json",
            '{"abm": {"url": "https://us-east.abm.apple.com/v1/devices/{id}", "timeout": 5}}',
            '{"abm": {"url": "https://us-east.abm.apple.com/v2/devices/{id}/lifecycle", "timeout": 5}}',
        ),
        (
            "c.yaml",
            "urls:\n  - https://us-east.abm.apple.com/v1/devices/{id}  # one device",
            "urls:\n  - https://us-east.abm.apple.com/v2/devices/{id}/lifecycle  # one device",
        ),
        (
            ".env",
            "ABM_DEVICE=https://us-east.abm.apple.com/v1/devices/%s",
            "ABM_DEVICE=https://us-east.abm.apple.com/v2/devices/%s/lifecycle",
        ),
        (
            "c.tf",
            'url = "https://${var.region}.abm.apple.com/v1/devices/${each.value["serial"]}"',
            'url = "https://${var.region}.abm.apple.com/v2/devices/${each.value["serial"]}/lifecycle"',
        ),
        (
            "s.sh",
            'curl "$ABM/v1/devices/${S:-none}" | jq .status',
            'curl "$ABM/v2/devices/${S:-none}/lifecycle" | jq .registrationStatus.state',
        ),
    ],
)
def test_what_is_understood_is_rewritten_whole(path: str, before: str, after: str) -> None:
    """If this failed, an address would be changed and what reads its answer left, and the script would read nothing."""
    looked = look(path, before)
    assert looked.after == after
    assert [note.kind for note in looked.notes] == ["rewritten"]
    assert look(path, after).notes == ()


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("s.sh", f'x=$(curl "{HOST}/v1/devices/$S")', "ask /v2/devices/$S/lifecycle; whatever reads"),
        ("s.sh", f"curl {HOST}/v1/devices/$S | jq .region", "ask /v2"),
        ("s.sh", f"curl {HOST}/v1/devices/$S | jq '.status, .token_id'", "ask /v2"),
        ("s.sh", f"curl {HOST}/v1/devices/$S | jq .a.status", "ask /v2"),
        ("s.sh", f"curl {HOST}/v1/devices/$S | jq .status; cat x | jq .status", "ask /v2"),
        ("s.sh", f"curl {HOST}/v1/devices/$S; cat x | {SHELL}", "ask /v2"),
        ("s.sh", f"curl '{HOST}/v1/devices/$S?fields=status' | {SHELL}", "ask /v2"),
        ("s.sh", f"curl -X DELETE {HOST}/v1/devices/$S | {SHELL}", "no v2 of enrolling"),
        ("s.sh", f"curl {HOST}/v1/devices -d @new.json | {SHELL}", "no v2 of enrolling"),
        ("s.sh", f"curl {HOST}/v1/devices | jq .", "the list of devices is known of v1 alone"),
        ("s.sh", f"curl {HOST}/v1/devices/predeclare", "no v2 of predeclaring"),
        ("s.sh", f"curl {HOST}/v1/tokens/$T | {SHELL}", "no v2 of tokens"),
        ("s.sh", f"curl {HOST}/v1/health | {SHELL}", "no v2 of the health answer"),
        ("s.sh", f"curl '{HOST}/v1/audit/events?eventType=device_registered'", "device_enrollment_rejected"),
        ("s.sh", f"curl {HOST}/v1/reports/7", "no v2 of this address is known"),
        ("s.sh", f"# {HOST}\ncurl $BASE/v1/devices/$S | {SHELL}", "ask /v2"),
        ("p.py", 'x = get(ABM + "/v1/devices/" + serial)  # abm.apple.com', "the list of devices"),
        ("c.toml", f'base = "{HOST}/v1"', "everything below this address is v1"),
        ("c.toml", 'abm_api_version = "v1"', "names v1 as the version"),
        ("c.toml", 'cert = "/etc/abm-client-cert.pem"', "abm-client-cert-v2"),
        ("ci.yml", f"- run: curl {HOST}/v1/devices/$S | jq -r .region", "ask /v2"),
        ("ci.yml", f"    x=$(curl '{HOST}/v1/devices/$S')", "ask /v2"),
        ("play.yml", f'url: "{HOST}/v1/devices/{{{{ s }}}}"\nwhen: r.json.status == 1', "ask /v2"),
        ("play.yml", f'url: "{HOST}/v1/devices/{{{{ s }}}}"\nwhen: r.json["status"] == 1', "ask /v2"),
        ("s.sh", f"curl {HOST}/v1/devices/$S | jq '{{status, s: .status_since}}'", "ask /v2"),
        ("c.tf", f'url = "{HOST}/v1/devices/${{jsonencode({{a = 1}})}}"', "ask /v2"),
        ("c.yml", f"url: {HOST}/v1/devices/x#y", "ask /v2"),
        ("c.tf", f'url = "{HOST}/v1/devices/pad-" + var.id', "ask /v2"),
        ("s.sh", f'curl "{HOST}/v1/devices/pad-""$S" | {SHELL}', "ask /v2"),
        ("c.json", f'{{"a": "{HOST}/v1/devices/1", "b": "{HOST}/v1/devices/2"}}', "ask /v2"),
    ],
)
def test_what_is_not_understood_is_left_and_told(path: str, text: str, why: str) -> None:
    """If this failed, a script would be broken by a guess, or nobody would look at it."""
    looked = look(path, text)
    assert looked.after == text
    assert {note.kind for note in looked.notes} == {"look"}
    assert any(why in note.why for note in looked.notes), looked.notes


@pytest.mark.parametrize(
    "text",
    [
        "curl https://api-business.apple.com/v1/orgDevices/$S | jq .status",
        "curl https://mdmenrollment.apple.com/v1/devices/$S",
        "curl $JAMF/api/v1/devices/$S  # not abm.apple.com",
        "curl https://a.simplemdm.com/api/v1/devices/$S",
        "curl https://us-east.abm.apple.com.evil.example/v1/devices/$S",
        "curl $BASE/v1/devices/$S",
        f"# curl {HOST}/v1/devices/$S | {SHELL}",
        f"  // fetch('{HOST}/v1/devices/1')",
        f"curl {HOST}/v2/devices/$S/lifecycle",
        "apiVersion: v1\nkind: ConfigMap",
        "abm-client-cert-v2.pem",
        "tool --version v1",
        "",
    ],
)
def test_what_is_none_of_it_is_not_told(text: str) -> None:
    """If this failed, Apple's own API or another product's would be rewritten to something that does not exist."""
    looked = look("s.sh", text)
    assert (looked.after, looked.notes) == (text, ())


def test_variables_that_hold_an_address_are_known() -> None:
    """If this failed, only addresses that are written out would be found."""
    text = f'BASE="{HOST}"\ncurl $BASE/v1/devices/$S | {SHELL}\n'
    assert "$BASE/v2/devices/$S/lifecycle | jq -r .registrationStatus.state" in look("s.sh", text).after


def test_lines_are_counted_as_people_count_them() -> None:
    """If this failed, a note would point at another line."""
    text = f"a\r\nb \\\n  c\n\nd \\\n curl {HOST}/v1/health\n"
    (note,) = look("s.sh", text).notes
    assert (note.line, note.text) == (6, f"curl {HOST}/v1/health")


@pytest.mark.parametrize(
    "piece",
    ["a", "$", "{", "$(", "abm", ".a", " ", "\\\n", f"{HOST}/v1/devices/x ", "https://", "{{a}}", "a = https://",
     "jq .status",
     f"{HOST}/v1/devices/x | jq .status\n", "curl $ABM/v1/health\n", f"{HOST}/v1/" + "a" * 16_000 + "\n"],
)  # fmt: skip
def test_hostile_text_is_looked_at_in_time(piece: str) -> None:
    """If this failed, one file of a repository would hold the command for hours."""
    began = time.process_time()
    look("s.sh", HOST + piece * (4 * 1024 * 1024 // len(piece)))
    assert time.process_time() - began < 10


_PIECES = st.sampled_from(
    [HOST, "/v1/devices/$S", "/v1/devices", "/v1/tokens/1", "| jq .status", '.json()["status"]', "\n", "\r\n", " ",
     "\\\n",
     '"', "$ABM", "{abm}", "#", "-d x", "\x0c", "\u2028", "é", ";", "curl "]
)  # fmt: skip
_TEXTS = st.lists(_PIECES, max_size=20).map("".join) | st.text()


@given(_TEXTS)
@example(f"x\ncurl {HOST}/v1/devices/$S | jq .status")
def test_the_patch_is_the_rewriting(text: str) -> None:
    """If this failed, `patch` would make another file than --write, or a second run would rewrite again."""
    looked = look("s.sh", text)
    assert look("s.sh", looked.after).after == looked.after
    assert (looked.before == looked.after) == (not any(note.kind == "rewritten" for note in looked.notes))
    assert looked.after.count("\n") == text.count("\n")
    assert bool(diff("s.sh", looked)) == (looked.before != looked.after)


@pytest.mark.parametrize("name", [b"a b.sh", b" -x", b"we\nird", b'q"\\', b"\xff", "é".encode(), b"x\n+++ b/victim"])
@pytest.mark.parametrize("program", ["git", "patch"])
def test_a_name_of_any_signs_is_one_name(program: str, name: bytes, tmp_path: Path) -> None:
    """If this failed, a file's name could be lines of the patch, and change another file."""
    if shutil.which(program) is None:
        pytest.skip(f"SKIPPED LOUDLY: {program} is not installed, so what is made for it is not tried")
    path = tmp_path / os.fsdecode(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text := f"curl {HOST}/v1/devices/$S | {SHELL}\n")
    looked = look("s.sh", text)
    words = {"git": ["git", "apply", "-p1", "-"], "patch": ["patch", "-p1", "--quiet"]}[program]
    made = diff(os.fsdecode(name), looked).encode()
    subprocess.run(words, input=made, check=True, cwd=tmp_path)
    assert path.read_text() == looked.after != text


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_patch_itself_takes_it(end: str, tmp_path: Path) -> None:
    """If this failed, the diff could be read and not used."""
    text = f"a\r\nb\ncurl {HOST}/v1/devices/$S | {SHELL}\n\x0cc\nd\ne\nf\ng\ncurl {HOST}/v1/devices/$S | {SHELL}{end}"
    path = tmp_path / "s.sh"
    path.write_bytes(text.encode())
    looked = look("s.sh", text)
    words = ["git", "apply", "-p1", "--whitespace=nowarn", "-"]
    subprocess.run(words, input=diff("s.sh", looked).encode(), check=True, cwd=tmp_path)
    assert path.read_bytes() == looked.after.encode()
    assert looked.after != text
