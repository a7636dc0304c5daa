"""All services as one application."""

import pytest
from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("eu-west.abm.apple.com", "/v1/health"),
        ("api-business.apple.com", "/v1/orgDevices"),
        ("account.apple.com", "/auth/oauth2/token"),
        ("mdmenrollment.apple.com", "/account"),
        ("jamf-main.example.org", "/api/v1/jamf-pro-version"),
    ],
)
def test_each_side_answers_at_its_own_host(host: str, path: str, curl: Curl) -> None:
    """A client whose address is built in could not use the lab."""
    port = curl.base.rpartition(":")[2]
    status, body = curl.one(f"https://{host}:{port}{path}", "-i", "--resolve", f"{host}:{port}:127.0.0.1")
    assert status in {200, 401, 405}
    assert b"x-simulated: abm-lab" in body


def test_every_answer_says_that_it_is_simulated(mixed: Lab, curl: Curl) -> None:
    """An answer of the lab could be taken for Apple's."""
    for name in curl.about["services"]:
        status, body = curl.one(f"/{name}/nothing/here", "-i")
        assert (status, b"x-simulated: abm-lab" in body, b"server: abm-lab (simulated)" in body) == (404, True, True)
