"""Webhooks: one signed POST of JSON, as Standard Webhooks has them, so that receivers' own libraries can check it.

From: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple

from abm_trace.core.errors import UsageError
from abm_trace.net.allow import Allow
from abm_trace.net.http import Url, Way, ask, url
from abm_trace.net.reach import ReachError

SECRET_BYTES: Final = (24, 64)
"""How long a secret may be. Origin: standard."""

_PREFIX: Final = "whsec_"


@dataclass(frozen=True, slots=True)
class Secret:
    """What a webhook is signed with; it is never shown."""

    key: bytes = field(repr=False)


def secret(text: str) -> Secret:
    """The secret of `whsec_` and Base64, or of the text's own bytes. Raises UsageError, which does not quote it."""
    text = text.strip()
    key = text.encode(errors="surrogateescape")
    if text.startswith(_PREFIX):
        try:
            key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise UsageError("the webhook's secret is damaged: behind whsec_ stands no Base64", hint=_HINT) from None
    low, high = SECRET_BYTES
    if not low <= len(key) <= high:
        raise UsageError(f"the webhook's secret has {len(key)} bytes, not {low} to {high}", hint=_HINT)
    return Secret(key)


_HINT: Final = "Make one: echo whsec_$(openssl rand -base64 32) >webhook.secret"


def goal(text: str, *, loopback: bool) -> tuple[Url, Allow]:
    """Where a webhook goes, and the only host that may be connected to for it.

    http goes to this very computer alone, and that only where it was asked for. Raises ReachError, which does not
    quote more than the host: paths of webhooks are often secrets themselves.
    """
    try:
        found = url(text, plain=loopback)
    except ReachError as error:
        raise ReachError(
            "the webhook's address is none that starts with https://",
            error.why,
            hint="Example: --webhook https://hooks.example.com/health",
        ) from None
    if found.scheme == "http" and found.place.host not in {"localhost", "127.0.0.1", "::1"}:
        raise ReachError(
            f"{found.place}: a webhook goes over https",
            "not_allowed",
            hint="http is for a lab on this computer alone: --webhook http://127.0.0.1:8080/ --allow-loopback",
        )
    return found, Allow([found.place.host], loopback=loopback)


class Message(NamedTuple):
    """What is told: an id that no other message has, when (seconds since 1970), and JSON."""

    id: str
    at_s: int
    body: bytes


def signature(key: Secret, message: Message) -> str:
    """`v1,` and the HMAC-SHA256 of id, time and body."""
    signed = f"{message.id}.{message.at_s}.".encode() + message.body
    return "v1," + base64.b64encode(hmac.digest(key.key, signed, sha256)).decode()


def post(to: tuple[Url, Allow], way: Way, key: Secret, message: Message) -> int:
    """The receiver's status, which is 2xx. Raises ReachError for any other, and where nobody takes it in time."""
    address, allow = to
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(message.at_s),
        "webhook-signature": signature(key, message),
    }
    answer = ask(address, allow, way, method="POST", headers=headers, body=message.body)
    if not 200 <= answer.status < 300:
        raise ReachError(f"{address.place}: did not take the webhook, it answered {answer.status}", "http")
    return answer.status
