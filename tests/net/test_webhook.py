"""Webhooks: the standard's own vector, who may be told, and receivers that do not take one."""

import base64
import hmac
from collections.abc import Iterator
from hashlib import sha256

import pytest
from tests.lab.serve.sinks import Posts, receiving
from tests.net import crooked

from abm_trace.core.errors import UsageError
from abm_trace.net.http import Way
from abm_trace.net.reach import ReachError
from abm_trace.net.webhook import Message, goal, post, secret, signature

KEY = secret("whsec_" + base64.b64encode(b"k" * 32).decode())
TOLD = Message("msg_1", 1_700_000_000, b'{"a":1}')


@pytest.fixture
def posts() -> Iterator[Posts]:
    """A receiver on this computer."""
    with receiving(server := Posts()):
        yield server


def test_the_standards_own_vector() -> None:
    """If this failed, no receiver's library would take our word."""
    # From: https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests/
    key = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    message = Message("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature(key, message) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("text", ["", "short", "whsec_short", "whsec_!!!!", "x" * 65, "whsec_" + "A" * 200])
def test_a_secret_that_is_none_is_refused_and_not_quoted(text: str) -> None:
    """If this failed, a weak secret would sign, or a secret would stand in a log."""
    with pytest.raises(UsageError) as error:
        secret(text)
    assert not text or text not in error.value.diagnostics()
    assert repr(KEY) == "Secret()"


def test_it_is_posted_and_signed(posts: Posts) -> None:
    """If this failed, a receiver could not tell our word from anybody's."""
    to = goal(f"http://127.0.0.1:{posts.server_port}/hook?key=1", loopback=True)
    assert post(to, Way(), KEY, TOLD) == 200
    ((path, headers, body),) = posts.taken
    sent = {key.lower(): value for key, value in headers.items()}
    assert (path, body, sent["content-type"]) == ("/hook?key=1", TOLD.body, "application/json")
    signed = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + body
    assert sent["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(b"k" * 32, signed, sha256)).decode()


def test_a_receiver_that_does_not_take_it(posts: Posts) -> None:
    """If this failed, a refused webhook would count as told."""
    posts.asked, posts.refuse_with = 4, 302
    to = goal(f"http://127.0.0.1:{posts.server_port}/", loopback=True)
    with pytest.raises(ReachError, match="answered 302"):
        post(to, Way(), KEY, TOLD)
    assert posts.taken == []


def test_a_receiver_that_says_nothing_is_not_waited_for() -> None:
    """If this failed, a dead receiver would hold the gate."""
    with crooked.serving(crooked.silent) as (place, _), pytest.raises(ReachError) as error:
        post(goal(f"http://127.0.0.1:{place.port}/", loopback=True), Way(timeout_s=0.3), KEY, TOLD)
    assert error.value.why == "timeout"


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("http://hooks.example.org/s3cret", False),
        ("http://hooks.example.org/s3cret", True),
        ("http://127.0.0.1/s3cret", False),
        ("https://u:s3cret@hooks.example.org/", False),
        ("ftp://hooks.example.org/s3cret", True),
        ("s3cret", False),
    ],
)
def test_an_address_that_is_none_is_refused_and_its_path_not_quoted(address: str, loopback: bool) -> None:
    """If this failed, a score would go out in the clear, or a secret path would stand in a log."""
    with pytest.raises(ReachError) as error:
        goal(address, loopback=loopback)
    assert "s3cret" not in error.value.diagnostics()


def test_this_computer_is_told_only_where_that_was_asked_for() -> None:
    """If this failed, an address in a script could reach what listens on this computer alone."""
    with pytest.raises(ReachError) as error:
        post(goal("https://localhost:1/", loopback=False), Way(), KEY, TOLD)
    assert error.value.why == "not_allowed"
