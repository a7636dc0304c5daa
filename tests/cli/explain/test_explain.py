"""`abm-trace explain`: one device on one page."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from abm_trace.pipeline import kept

DATA = Path(__file__).parents[2] / "data/cli"


@pytest.fixture
def worst(case: Path, run: Run) -> dict[str, object]:
    """The verdict of the first vanished device whose layer is proved by a line of its own log."""
    lines = [json.loads(line) for line in run("triage", case, "--format", "ndjson").stdout.splitlines()]
    found: dict[str, object] = next(
        line
        for line in lines
        if line.get("verdict") == "vanished"
        and line["layer"]
        and line["findings"][0]["evidence"][0]["path"].startswith("logs/")
    )
    return found


def test_golden(worst: dict[str, object], case: Path, run: Run, golden: Callable[[Path, bytes], None]) -> None:
    """If this failed, what people see of a device has changed."""
    done = run("explain", worst["serial"], "--case", case)
    assert done.returncode == 0
    golden(DATA / "explain.txt", done.stdout.replace(str(case), "case").encode())


def test_proof_is_quoted_with_its_place(worst: dict[str, object], case: Path, run: Run) -> None:
    """If this failed, a claim could not be walked back to the line that proves it."""
    finding = worst["findings"][0]  # type: ignore[index]
    evidence = finding["evidence"][0]
    shown = run("explain", worst["serial"], "--case", case, COLUMNS="200").stdout
    assert f"{evidence['path']}:{evidence['line']}" in shown
    assert f"{worst['layer']} " in shown
    assert "DEADLINE" in shown
    assert f"To do: {worst['next_action']}"[:60] in shown


@pytest.mark.parametrize("spell", [str.lower, lambda text: f"S{text}", lambda text: f" {text[:4]} {text[4:]}"])
def test_the_serial_as_people_write_it(
    spell: Callable[[str], str], worst: dict[str, object], case: Path, run: Run
) -> None:
    """If this failed, a scanned barcode or a typed serial would find no device."""
    done = run("explain", spell(str(worst["serial"])), "--case", case)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{worst['serial']}  ")


def test_unknown_serial(worst: dict[str, object], case: Path, run: Run) -> None:
    """If this failed, a typing error would end without the device that was meant."""
    serial = str(worst["serial"])
    done = run("explain", f"{serial[:-1]}!", "--case", case)
    assert done.returncode == 2
    assert f"abm-trace explain {serial} --case {case}" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("word", "head", "says"),
    [
        ("l3", "L3 clock", "`clock_s` = 5.79 s, origin guide"),
        ("token-expired", "token expired", "Renew the expired server token"),
        ("Vanished", "✗ vanished", "never read as failure"),
        ("requested", "requested: rung 5 of 10", "sending-enrollment-request"),
        ("abm-identifier-rejected", "abm-identifier-rejected", "Near misses"),
    ],
)
def test_a_topic(word: str, head: str, says: str, run: Run) -> None:
    """If this failed, a name of the output could not be looked up where there is no network."""
    done = run("explain", word)
    assert done.returncode == 0
    assert done.stdout.startswith(head)
    assert says in done.stdout
    lines = run("explain", word, COLUMNS="44").stdout.splitlines()
    prose = [line for line in lines if "  " not in line.strip()]  # A table is never cut in a pipe.
    assert max(map(len, prose)) <= 44 + len("abm-trace explain ")


def test_a_name_of_two_kinds_has_both_pages(run: Run) -> None:
    """If this failed, the cause or the verdict of that name would have no page that can be reached."""
    shown = run("explain", "rejected").stdout
    assert "rejected: a cause of L0" in shown
    assert "■ rejected: a verdict" in shown


def test_topics_are_listed(run: Run) -> None:
    """If this failed, nobody could see what can be looked up."""
    done = run("explain")
    assert done.returncode == 0
    for name in ("L0", "throttled", "half_confirmed", "configured", "nonce-expired"):
        assert f"\n  {name} " in done.stdout


def test_a_topic_reads_no_case(tmp_path: Path, run: Run) -> None:
    """If this failed, looking a name up, or mistyping it, would read whatever folder somebody stands in."""
    (tmp_path / "manifest.csv").write_text("serial,site\nL3,clinic-01\n")
    assert run("explain", "L3").stdout.startswith("L3 clock")
    mistyped = run("explain", "vanishd")
    assert mistyped.returncode == 2
    assert "Near it: vanished" in mistyped.stderr


@pytest.mark.parametrize(
    ("word", "says"),
    [("pending", "Near it: sending-enrollment-request."), ("expired", "Near it: token_expired"), ("xyzzy", "All: abm")],
)
def test_a_word_that_is_no_serial_reads_no_case(word: str, says: str, tmp_path: Path, run: Run) -> None:
    """If this failed, a slip would have the whole folder that somebody stands in read, and lead nowhere."""
    (tmp_path / "secret.log").write_text("not to be looked at\n")
    (tmp_path / "secret.log").chmod(0)
    done = run("explain", word)
    assert done.returncode == 2
    assert says in done.stderr
    assert "secret" not in done.stderr
    assert "abm-trace explain SERIAL --case CASE" in done.stderr


def test_the_device_of_a_named_case_goes_first(tmp_path: Path, run: Run) -> None:
    """If this failed, a device whose serial is also a name could not be explained."""
    (tmp_path / "case").mkdir()
    (tmp_path / "case/manifest.csv").write_text("serial,site\nL3,clinic-01\n")
    device = run("explain", "L3", "--case", "case")
    assert device.stdout.startswith("L3  clinic-01")
    assert "also a topic" in device.stderr
    topic = run("explain", "L4", "--case", "case")
    assert topic.stdout.startswith("L4 region")
    assert "no device of case has this serial" in topic.stderr


def test_an_unknown_word_names_neighbours_of_both_kinds(tmp_path: Path, run: Run) -> None:
    """If this failed, a slip beside a case would be looked for among its devices alone."""
    (tmp_path / "case").mkdir()
    (tmp_path / "case/manifest.csv").write_text("serial,site\nVANISHD1,clinic-01\n")
    done = run("explain", "vanishd", "--case", "case")
    assert done.returncode == 2
    assert "VANISHD1, vanished" in done.stderr
    assert run("explain", "--case", "case").returncode == 2


def test_a_rule_of_the_users_has_its_page(tmp_path: Path, run: Run) -> None:
    """If this failed, one's own signature could not be looked up, or its text would be obeyed by the terminal."""
    rules = tmp_path / "rules"
    rules.mkdir()
    rule = {
        "title": "Ours \x1b[31m",
        "description": "The proxy said no.",
        "logsource": {"product": "apple"},
        "detection": {"said": {"message|contains": "PROXY SAYS NO"}, "condition": "said"},
        "level": "high",
        "layer": "L5",
        "falsepositives": ["A rehearsal of the proxy\u202e"],
        "examples": {"match": ["PROXY SAYS NO"], "no_match": ["proxy says no more"]},
    }
    (rules / "our-proxy.yml").write_text(json.dumps(rule))
    (rules / "our-broken.yml").write_text("title: [")
    done = run("explain", "our_proxy", "--signatures", rules)
    assert done.returncode == 0, done.stderr
    assert "\\u001b[31m" in done.stdout
    assert "A rehearsal of the proxy\\u202e" in done.stdout
    assert "our-proxy" in run("explain", "L5", "--signatures", rules).stdout
    broken = run("explain", "our-broken", "--signatures", rules)
    assert broken.returncode == 2
    assert "signatures lint" in broken.stderr


def test_the_page_of_a_device_leads_to_the_reference(worst: dict[str, object], case: Path, run: Run) -> None:
    """If this failed, nobody would learn from a device's page that its layer has one too."""
    shown = run("explain", worst["serial"], "--case", case).stdout
    assert f"abm-trace explain {worst['cause'] or worst['layer']} " in shown.splitlines()[-1]


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case whose texts a terminal would obey, of which a trace is kept though it is new and small."""
    monkeypatch.setattr(kept, "SETTLED_NS", -(10**12))
    monkeypatch.setattr(kept, "WORTH_BYTES", 0)
    monkeypatch.setattr(kept, "WORTH_DEVICES", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = tmp_path / "case"
    (made / "logs").mkdir(parents=True)
    (made / "manifest.csv").write_text("serial,site,note\nF9FXQ1ABCD,clinic\x1b[2J,\u202eevil\nF9FXQ2ABCD,b,c\n")
    says = "2026-05-17T03:45:0{}.000Z ERROR com.apple.DeviceManagement.Enrollment [ABM] {}\n"
    lines = ("Preparing for enrollment…", "TLS handshake failed: unknown issuer \x1b]0;x\x07 \u2066 F9FXQ2ABCD")
    (made / "logs/F9FXQ1ABCD.log").write_text("".join(says.format(n, each) for n, each in enumerate(lines)))
    (made / "odd\x1b[31m\n.bin").write_bytes(b"\x00\xff" * 100)
    return made


@pytest.mark.parametrize("audience", [(), ("--for", "apple"), ("--for", "network", "--no-redact")])
def test_a_case_is_read_once_for_all_its_devices(audience: tuple[str, ...], hostile: Path, run: Run) -> None:
    """If this failed, each device would cost a whole trace, or the kept one would say something else than the files."""
    asked = ("explain", "F9FXQ1ABCD", "--case", hostile, *audience)
    run("triage", hostile)
    again = run(*asked)
    assert "nothing has changed since the case was read at 20" in again.stderr
    assert "--anew" in again.stderr
    anew = run(*asked, "--anew")
    assert anew.stderr == ""
    assert anew.stdout == again.stdout != ""
    assert anew.returncode == again.returncode == 0
    assert "\x1b" not in again.stdout + again.stderr


def test_a_case_that_changed_is_read_again(hostile: Path, run: Run) -> None:
    """If this failed, what was fetched a minute ago would not be seen."""
    asked = ("explain", "F9FXQ1ABCD", "--case", hostile)
    before = run(*asked)
    assert before.stderr == ""
    assert "nothing has changed" in run(*asked).stderr
    with (hostile / "logs/F9FXQ1ABCD.log").open("a") as log:
        log.write("2026-05-17T03:45:09.000Z INFO com.apple.DeviceManagement.Enrollment [ABM] ABMDeviceRegistered\n")
    after = run(*asked)
    assert after.stderr == ""
    assert "ABMDeviceRegistered" in after.stdout or "registered" in after.stdout.split("Ladder")[0]
    assert after.stdout != before.stdout
    assert run(*asked, ABM_TRACE_KEEP="0").stderr == ""
    assert run("explain", "NOBODY1234", "--case", hostile).returncode == 2


@pytest.mark.parametrize(
    ("model", "build", "told"), [("iPad16,3", "22B83", True), ("iPad14,3", "22B83", False), ("iPad16,3", "", False)]
)
def test_a_firmware_risk_is_shown_and_not_judged(tmp_path: Path, run: Run, model: str, build: str, told: bool) -> None:
    """SPEC L3: an M4 iPad Pro without the guide's fix is a risk, which nobody would be told, and no proof."""
    (tmp_path / "manifest.csv").write_text(f'serial,model,os_version,build\nF9FXQ1ABCD,"{model}",18.1,{build}\n')
    shown = run("explain", "F9FXQ1ABCD", "--case", tmp_path).stdout
    assert ("Firmware risk (shown, not judged; on the word of: guide)" in shown) is told
    assert "L3" not in shown.partition("Firmware risk")[0].partition("To do")[0]


def test_a_conflict_of_identity_quotes_both_lines(tmp_path: Path, run: Run) -> None:
    """If this failed, who looks for the device behind one UDID would see that two have it, and not who says so."""
    row = '{{"hardware_serial":"{}","uuid":"00008110-0000000000000001","mdm":{{"enrollment_status":"On (automatic)"}}}}'
    rows = [row.format(serial) for serial in ("F9FXQ1ABC2", "F9FXQ1ABC3")]
    (tmp_path / "fleet.json").write_text(f'{{"hosts":[{",".join(rows)}]}}')
    shown = run("explain", "F9FXQ1ABC2", "--case", tmp_path, COLUMNS="300").stdout
    assert [f"> {each}" in shown for each in rows] == [True, True]


def test_a_record_by_itself_is_not_denied(tmp_path: Path, run: Run) -> None:
    """If this failed, a page would say that the MDM confirms the device, and that the case holds nothing of the MDM."""
    row = '{"hardware_serial":"F9FXQ1ABC2","platform":"ios","mdm":{"enrollment_status":"On (automatic)"}}'
    (tmp_path / "fleet.json").write_text(f'{{"host":{row}}}')
    shown = run("explain", "F9FXQ1ABC2", "--case", tmp_path, COLUMNS="300").stdout
    assert "confirmed; not read in full, the case holds some records but no whole list" in shown
    assert " ABM        not read, the case holds none\n" in shown


def test_a_lifecycle_says_nothing_of_another_device(tmp_path: Path, run: Run) -> None:
    """If this failed, the v2 answer about one device would be Apple's silence about all others."""
    (tmp_path / "manifest.csv").write_text("serial\nF9FXQ1ABC2\n")
    status = '{"state":"pending","timestamp":"2026-05-17T03:47:05Z"}'
    (tmp_path / "v2.json").write_text(f'{{"serial_number":"F9FXQ1ABC3","registrationStatus":{status}}}')
    line = "2026-05-17T03:47:00.000Z DEBUG com.apple.DeviceManagement.Enrollment Preparing for enrollment…\n"
    for serial in ("F9FXQ1ABC2", "F9FXQ1ABC3"):
        (tmp_path / f"{serial}.log").write_text(line)
    done = run("triage", tmp_path, "--format", "ndjson", "--as-of", "2026-05-17T09:00:00Z")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["verdict"], each["layer"], each["missing"]) for each in told] == [
        ("unknown", None, ["apple", "mdm"]), ("vanished", "L7", ["mdm"]),
    ]  # fmt: skip


@pytest.mark.parametrize("audience", [(), ("--for", "apple")], ids=["page", "ticket"])
def test_a_device_of_very_many_lines_has_a_short_page(audience: tuple[str, ...], tmp_path: Path, run: Run) -> None:
    """If this failed, one looping device would fill the screen, or what is left out would be told by nobody."""
    (tmp_path / "manifest.csv").write_text("serial\nF9FXQ1ABC2\n")
    answer = (
        "2026-05-17T09:{:02}:{:02}.000Z INFO com.apple.MCX [ABM] "
        'ABM response: 202 {{"status":"accepted","requestId":"req_{}","devices":[]}}\n'
    )
    (tmp_path / "F9FXQ1ABC2.log").write_text("".join(answer.format(n // 60, n % 60, n) for n in range(1500)))
    told = run("explain", "F9FXQ1ABC2", "--case", tmp_path, *audience, COLUMNS="200").stdout
    assert len(told.splitlines()) < 500
    assert "req_0" in told
    assert "req_1499" in told
    assert "req_750" not in told
    if audience:
        assert "request_id" in told
        assert "and 1,480 more" in told
        assert "more events in between" in told
    else:
        assert "attempts   1500" in told
        assert "in between are not shown: " in told
        assert "they stand in F9FXQ1ABC2.log" in told
        assert "(1,500 times)" in told
