"""What stands where a statement is proved, as `explain` and the page quote it."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

OWN = "F9FXQ1ABCD"
SECRETS = ("s3cr3t-bearer", "s3cr3t-cookie", "s3cr3t-key", "s3cr3t-query", "s3cr3t-body", "s3cr3t-answer", "s3cr3t-log")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case in which an exchange and a log line prove something, with secrets in both."""
    made = tmp_path / "case"
    (made / "logs").mkdir(parents=True)
    (made / "manifest.csv").write_text(f"serial,udid,region,token_id\n{OWN},00008110-1F93FDDE6E3262F7,us-east,tok_1\n")
    (made / f"logs/{OWN}.log").write_text(
        "2026-05-17T03:45:00.000Z ERROR com.apple.DeviceManagement.Enrollment [ABM] "
        'ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 "Device identifier rejected: unstable" '
        "UserInfo={pwd=s3cr3t-log}\n"
    )
    headers = {"Authorization": "Bearer s3cr3t-bearer", "Cookie": "sid=s3cr3t-cookie", "X-Api-Key": "s3cr3t-key"}
    request = {
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "method": "POST",
        "url": "https://us-east.abm.apple.com/v1/devices?access_token=s3cr3t-query",
        "postData": {"text": json.dumps({"serialNumber": OWN, "note": "s3cr3t-body"})},
    }
    answer = json.dumps({"requestId": "req_9", "devices": [], "note": "s3cr3t-answer"})
    entry = {
        "request": request,
        "startedDateTime": "2026-05-17T03:44:59Z",
        "response": {"status": 204, "headers": [], "content": {"text": answer, "mimeType": "application/json"}},
    }
    (made / "a.har").write_text(json.dumps({"log": {"entries": [entry]}}))
    return made


@pytest.mark.parametrize("command", ["explain", "html"])
def test_no_secret_is_quoted(command: str, run: Run, folder: Path) -> None:
    """If this failed, headers, cookies, tokens and bodies of an exchange would be in a page that is mailed around."""
    options = {"explain": ("explain", OWN, "--case", folder), "html": ("triage", folder, "--format", "html")}
    done = run(*options[command], "--as-of", "2026-05-17T10:00:00Z")
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []
    assert "POST https://us-east.abm.apple.com/v1/devices?access_token=[hidden] answered 204" in " ".join(
        done.stdout.split()
    )
    assert "pwd=[hidden]" in done.stdout
