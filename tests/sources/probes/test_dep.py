"""The signature of a DEP session; tests/cli/check has the lab, which is another's code, check it too."""

import base64
import hashlib
import hmac
import re
from urllib.parse import quote, unquote

from abm_trace.sources.probes import dep

TOKEN = dep.ServerToken("CK_48dd68d198", "CS_34c7b2b531+/", "AT_927696831c", "AS_c31afd7a09 &=")


def test_the_signature() -> None:
    """If this failed, Apple would answer each session with 401: it is worked out here by RFC 5849's own steps."""
    header = dep._signed(TOKEN)
    given = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}
    said = given.pop("oauth_signature")
    given.pop("realm")
    pairs = "&".join(f"{name}={quote(value, safe='-._~')}" for name, value in sorted(given.items()))
    base = f"GET&https%3A%2F%2Fmdmenrollment.apple.com%2Fsession&{quote(pairs, safe='-._~')}"
    key = b"CS_34c7b2b531%2B%2F&AS_c31afd7a09%20%26%3D"
    assert said == base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()
    assert given["oauth_consumer_key"] == TOKEN.consumer_key


def test_each_question_is_new_and_no_secret_is_shown() -> None:
    """If this failed, a second session would be refused as a replay, or a traceback print a secret."""
    assert dep._signed(TOKEN) != dep._signed(TOKEN)
    assert TOKEN.access_secret not in dep._signed(TOKEN)
    assert "AS_" not in repr(TOKEN)
