"""The HTTP server."""

import time

from tests.lab.serve.client import Curl
from tests.slowness import slowness

from abm_lab.serve.http import listen
from abm_lab.serve.lab import Lab


def test_many_small_answers_come_at_once(mixed: Lab, curl: Curl) -> None:
    """Each answer would wait 40 ms for the client's acknowledgement, and the lab serve 25 requests a second."""
    waited = time.monotonic()
    answers = curl.many([f"{curl.base}/abm/us-east/v1/health"] * 200)
    assert {status for status, _ in answers} == {200}
    assert len(answers) == 200
    assert time.monotonic() - waited < 5


def test_300_pages_take_less_than_a_second_of_work(mixed: Lab, curl: Curl) -> None:
    """The lab would be what a test of a quick client waits for."""
    token = curl.about["abm"]["us-east"]["token"]
    begun = time.process_time()
    answers = curl.many([f"{curl.base}/abm/us-east/v1/audit/events?limit=500"] * 300, token=token)
    worked_s = time.process_time() - begun
    assert {status for status, _ in answers} == {200}
    assert len(answers) / worked_s > 300 / slowness()


def test_a_socket_is_on_loopback_alone() -> None:
    """The lab would be reached from the network."""
    with listen(0) as sock:
        assert sock.getsockname()[0] == "127.0.0.1"
