"""What the guide's ABM endpoint of a region answers (SPEC C1, G2): the bytes that a saved answer holds."""

import re
from typing import Final, NamedTuple

import msgspec

from abm_trace.net.allow import Allow
from abm_trace.net.http import Answer, Way, ask, url
from abm_trace.net.reach import Place, ReachError

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class Bearer(NamedTuple):
    """A token's id, and the secret that is shown for it."""

    id: str
    secret: str

    def __repr__(self) -> str:
        return f"Bearer({self.id!r}, …)"  # A traceback prints what it holds.


def host(region: str) -> str:
    """The host of a region. Raises ReachError for what is no region's name."""
    if not _NAME.fullmatch(region):
        raise ReachError(f"{region[:60]!r}: is no region", "no_name", hint="Example: eu-west")
    return f"{region}.abm.apple.com"


def health(region: str, allow: Allow, way: Way) -> Answer:
    """`GET /v1/health`, which takes no token. Raises ReachError."""
    return ask(url(f"https://{host(region)}/v1/health"), allow, way)


def token(region: str, bearer: Bearer, allow: Allow, way: Way) -> Answer:
    """`GET /v1/tokens/{id}`. Raises ReachError."""
    if not _ID.fullmatch(bearer.id):
        raise ReachError(f"{bearer.id[:60]!r}: is no token's id", "no_name", hint="Example: tok_1")
    goal = url(f"https://{host(region)}/v1/tokens/{bearer.id}")
    return ask(goal, allow, way, headers={"Authorization": f"Bearer {bearer.secret}"})


def allowed(region: str, *more: Place | None, loopback: bool = False) -> Allow:
    """The list of a region's host, and whoever stands in for it."""
    return Allow([host(region), *(each.host for each in more if each)], loopback=loopback)


def predeclare(region: str, device: tuple[str, str], bearer: Bearer, allow: Allow, way: Way) -> Answer:
    """`POST /v1/devices/predeclare`: 201 for a new fingerprint, 200 for one that is known.

    `device` is a serial and its fingerprint. Raises ReachError.
    """
    serial, fingerprint = device
    goal = url(f"https://{host(region)}/v1/devices/predeclare")
    body = msgspec.json.encode({"fingerprint": fingerprint, "serial_number": serial})
    headers = {"Authorization": f"Bearer {bearer.secret}", "Content-Type": "application/json"}
    return ask(goal, allow, way, method="POST", headers=headers, body=body)
