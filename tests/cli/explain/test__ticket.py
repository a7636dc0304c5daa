"""`abm-trace explain --for`: what one receiver needs, and nothing that is none of theirs."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from tests.cli.conftest import Run

AS_OF = "2026-05-17T10:00:00Z"
OWN, OTHER = "F9FXQ1ABCD", "F9FGU114YU"
PREFIX = "com.apple.DeviceManagement.Enrollment [ABM]"
REJECTED = 'ABMErrorDomain Code=4001 "Device identifier rejected: unstable, duplicate, or missing"'
LOG = f"""\
2026-05-17T03:45:00.000Z DEBUG {PREFIX} Preparing for enrollment…
2026-05-17T03:45:02.000Z DEBUG {PREFIX} Sending enrollment request to https://eu-west.abm.apple.com/v1/devices
2026-05-17T03:45:02.500Z ERROR {PREFIX} TLS handshake failed: unknown issuer proxy=10.1.2.3 beside {OTHER}
2026-05-17T03:45:03.000Z DEBUG {PREFIX} ABM response: 202 {{"status":"accepted","requestId":"req_8a3f1b2c"}}
2026-05-17T03:45:04.000Z ERROR {PREFIX} ABMRegistrationFailedWithErrorDomain: {REJECTED} \
UserInfo={{user=anna.m imei=356938035643809 via=10.1.2.3 other={OTHER}}}
"""
ACCEPTED, FAILED = LOG.splitlines()[3:5]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case of two devices, with people, other identifiers and secrets in it."""
    made = tmp_path / "case"
    (made / "logs").mkdir(parents=True)
    (made / "manifest.csv").write_text(
        "serial,udid,model,os_version,site,region,token_id,staging_host,imei,assigned_user\n"
        f"{OWN},00008110-1F93FDDE6E3262F7,iPad13.18,26.1,clinic-01,eu-west,tok_1,mac01,356938035643809,Anna Müller\n"
        f"{OTHER},00008110-AAAAFDDE6E3262F7,iPad13.18,26.1,clinic-01,eu-west,tok_1,mac01,490154203237518,Bob Bauer\n"
    )
    (made / f"logs/{OWN}.log").write_text(LOG)
    events = [
        {"id": "1", "event_type": "device_enrollment_requested", "occurred_at": "2026-05-17T03:45:02.100Z",
         "region": "eu-west", "token_id": "tok_1", "request_id": "req_8a3f1b2c", "serial_number": OWN},
        {"id": "2", "event_type": "device_enrollment_requested", "occurred_at": "2026-05-17T09:00:00.000Z",
         "region": "eu-west", "token_id": "tok_1", "request_id": "req_00000000", "serial_number": OTHER},
    ]  # fmt: skip
    (made / "audit.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events))
    return made


def inventory(folder: Path) -> None:
    """Add an MDM inventory that says more than anybody outside should know."""
    row = {"serial_number": OWN, "udid": "00008110-1F93FDDE6E3262F7", "created_at": "2026-05-17T03:44:00Z",
           "enrolled_at": "2026-05-17T03:46:00Z", "enrollmentMethod": "manual", "mdm": "main",
           "user": "Anna Müller", "notes": "room 12 of Frau Schmidt", "password": "hunter2hunter2"}  # fmt: skip
    (folder / "mdm.json").write_text(json.dumps({"devices": [row], "exported_at": "2026-05-17T09:00:00Z"}))


def ticket(run: Run, folder: Path, audience: str, *more: str) -> str:
    """The ticket for a receiver."""
    done = run("explain", OWN.lower(), "--case", folder, "--for", audience, "--as-of", AS_OF, *more)
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize("audience", ["apple", "mdm", "network"])
def test_none_of_it_is_theirs(audience: str, run: Run, folder: Path) -> None:
    """If this failed, a ticket would carry patients, people or other devices out of the house."""
    inventory(folder)
    text = ticket(run, folder, audience)
    foreign = (
        OTHER,
        "490154203237518",
        "356938035643809",
        "Müller",
        "Bauer",
        "anna.m",
        "Schmidt",
        "hunter2",
        "AAAAFDDE",
    )
    assert [word for word in foreign if word in text] == []
    assert OWN in text
    assert "redacted: " in text


def test_only_the_network_sees_its_own_addresses(run: Run, folder: Path) -> None:
    """If this failed, Apple would see the clinic's addresses, or the clinic's network people would not."""
    assert "10.1.2.3" in ticket(run, folder, "network")
    assert "10.1.2.3" not in ticket(run, folder, "apple")


def test_apple_gets_what_it_looks_up(run: Run, folder: Path) -> None:
    """If this failed, the answer to the ticket would be a question."""
    text = ticket(run, folder, "apple")
    assert f"logs/{OWN}.log:4  SHA-256 {sha256(ACCEPTED.encode()).hexdigest()}" in text
    assert REJECTED in text
    assert "ABMErrorDomain Code=4001: 1 time, first 2026-05-17T03:45:04Z" in text
    assert "  request_id  req_8a3f1b2c\n" in text
    assert "req_00000000" not in text
    assert "2026-05-17T03:45:02.100Z" in text
    assert "CDT" not in text
    assert "clinic-01" not in text
    assert "TLS handshake" not in text


def test_what_is_hidden_has_no_digest(run: Run, folder: Path) -> None:
    """Whoever tries all IMEIs, or all serials, against the digest would read what is hidden of a line."""
    text = ticket(run, folder, "apple")
    assert f"logs/{OWN}.log:5\n" in text
    assert sha256(FAILED.encode()).hexdigest() not in text


def test_the_network_gets_hosts_times_and_tls(run: Run, folder: Path) -> None:
    """If this failed, nobody could find the connection in a firewall's log."""
    text = ticket(run, folder, "network")
    assert "eu-west.abm.apple.com, port 443" in text
    assert "TLS handshake failed: unknown issuer" in text
    assert "What stands between this segment and the hosts below" in text
    assert "Code=4001" not in text


def test_what_is_left_out_is_counted(run: Run, folder: Path) -> None:
    """If this failed, a receiver would take the ticket for all that is known."""
    text = ticket(run, folder, "network")
    assert "Left out, and why" in text
    assert "do not concern you: " in text
    assert "internal address (" not in text
    assert "other device" in text.split("redacted: ")[1]


def test_an_unread_side_is_not_blamed(run: Run, folder: Path) -> None:
    """If this failed, the MDM's vendor would be told of a fault that nobody has looked for."""
    text = " ".join(ticket(run, folder, "mdm").split())
    assert "your side was not read (MDM inventory is not in our evidence" in text
    assert "a device that Apple never handed over cannot be in an MDM" in text
    assert "which is not yours to mend" in text


def test_a_record_is_told_by_what_was_read_of_it(run: Run, folder: Path) -> None:
    """If this failed, the fields of a record that nobody knows would be quoted, whatever stands in them."""
    inventory(folder)
    text = ticket(run, folder, "mdm")
    assert "read of it: enrolled_by_hand at 2026-05-17T03:46:00Z" in text
    assert "Frau Schmidt" in ticket(run, folder, "mdm", "--no-redact")


@pytest.mark.parametrize("audience", ["apple", "network"])
@pytest.mark.parametrize("said", ["pwd=hunter2tiger", "unlock PIN 493817x", "Janes-iPad joined", "call (415) 555-0137"])
def test_of_a_cited_line_what_is_harmless(said: str, audience: str, run: Run, folder: Path) -> None:
    """If this failed, whatever no list knows as a secret or a person would leave the house with the line it is in."""
    (folder / f"logs/{OWN}.log").write_text(LOG.replace("issuer", f"issuer, {said}").replace("UserInfo", said))
    text = ticket(run, folder, audience)
    assert [word for word in ("hunter2tiger", "493817x", "Janes", "0137") if word in text] == []
    assert (REJECTED if audience == "apple" else "TLS handshake failed: unknown issuer") in text
    assert "that may not be harmless, as […]" in text


def test_of_a_record_no_digest(run: Run, folder: Path) -> None:
    """If this failed, who knows a record but for its PIN could find that by trying all, though it is not printed."""
    row = json.dumps({"serial_number": OWN, "created_at": "2026-05-17T03:44:00Z", "enrolled_at": "2026-05-17T03:46:00Z",
                      "enrollmentMethod": "manual", "unlock_pin": "493817"})  # fmt: skip
    (folder / "mdm.json").write_text(f'{{"devices": [{row}], "exported_at": "2026-05-17T09:00:00Z"}}')
    text = ticket(run, folder, "mdm")
    assert "read of it: enrolled_by_hand" in text
    assert (sha256(row.encode()).hexdigest() in text, "493817" in text) == (False, False)


def test_what_is_no_date_is_not_quoted(run: Run, folder: Path) -> None:
    """If this failed, a table that is shifted by a comma would put names and passwords into the ticket."""
    head = "serial_number,created_at,enrolled_at,user\n"
    (folder / "mdm.csv").write_text(f"{head}{OWN},2026-05-17T03:44:00Z,hunter2 Schmidt,x\n")
    done = run("explain", OWN, "--case", folder, "--for", "mdm", "--as-of", AS_OF)
    triaged = run("triage", folder, "--as-of", AS_OF)
    assert "enrolled_at, no RFC 3339 time, but written like 'aaaaaa9 aaaaaaa'" in " ".join(done.stdout.split())
    assert [word for word in ("hunter2", "Schmidt") if word in done.stdout + done.stderr + triaged.stderr] == []


def test_what_is_not_over_is_no_failure(run: Run, folder: Path) -> None:
    """If this failed, a receiver would be asked about a device that is still on its way."""
    text = ticket(run, folder, "apple", "--as-of", "2026-05-17T03:45:30Z")
    assert "it may still come by itself" in text


def test_not_redacted_says_so(run: Run, folder: Path) -> None:
    """If this failed, somebody would paste the whole truth and take it for the redacted one."""
    text = ticket(run, folder, "apple", "--no-redact")
    assert OTHER in text
    assert "NOT REDACTED" in text


def test_plain_text_alone(run: Run, folder: Path) -> None:
    """If this failed, a ticket could not be pasted, or what it quotes would be obeyed."""
    with (folder / f"logs/{OWN}.log").open("a") as file:
        file.write(FAILED.replace("via=", "via=\x1b[31m\u202e") + "\n")
    text = ticket(run, folder, "apple")
    assert not set(text) & set("\x1b\u202e")
    assert len(text) > 1000


def test_a_ticket_needs_a_device(run: Run) -> None:
    """If this failed, `--for` alone would list topics."""
    assert run("explain", "--for", "apple").returncode == 2
