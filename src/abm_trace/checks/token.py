"""The token check (SPEC C1, K1): ABM and DEP server tokens: their age, what they were refused with, what they may.

Pure: it is given facts and answers, and the time.
"""

import re
from collections.abc import Mapping
from typing import Final

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Finding, Origin

DAY: Final = 86_400 * instants.SECOND
ROTATION_DAYS: Final = 30
"""An ABM token is rotated after so long. Origin: guide (SPEC K1)."""

WARNING_DAYS: Final = 14
"""From so long before its end on a token is warned of. Origin: ours."""

CURSOR_DAYS: Final = 7
"""A DEP sync cursor lives so long. Origin: vendor (developer.apple.com/documentation/devicemanagement/sync-devices)."""

DO: Final[Mapping[str, str]] = {
    "token-expired": "Renew the token, put the new one where it is used, and let the MDM sync.",
    "token-expires-soon": "Renew the token now: when it ends, devices vanish without an alert.",
    "token-rotation-due": "Rotate the token: the guide has one replaced every 30 days.",
    "token-without-end": "Look the token up in ABM: nothing says when it expires.",
    "token-unused": "See whether the MDM still syncs with this token, or with another.",
    "token-refused": "See whether it is the right token, and whether this clock is right: abm-trace check clock",
    "token-denied": "See in ABM whether the server that the token belongs to still exists and may do this.",
    "token-certificate": "Show the endpoint the client certificate: --client-certificate FILE",
    "token-unknown": "See in ABM which tokens there are: this id is none of them.",
    "token-region": "Use the token at the endpoint of its own region, or get one for this region.",
    "terms-not-accepted": "Have an administrator accept Apple's new terms in ABM: until then nothing syncs.",
    "cursor-expired": "Let the MDM fetch the whole device list again.",
    "cursor-ages": "Let the MDM sync: a cursor that is not used for seven days expires.",
    "may-write": "Keep the key where only the MDM reads it: it can change what devices become.",
}
"""What to do about each finding."""


_CERTIFICATE: Final = re.compile(r"client.?certificate", re.IGNORECASE)


def check(token: Fact, as_of: int) -> list[Finding]:
    """What is wrong with a token of ABM or a server token of DEP at this time (µs UTC)."""
    attrs = token.attrs
    ends_at, made_at, used_at = (_at(attrs, name) for name in ("expires_at", "created_at", "last_used_at"))
    is_dep = token.kind == "server_token"
    found = []
    if ends_at is None:
        found.append(_finding(token, "token-without-end", "warning", "nothing says when it expires"))
    elif ends_at <= as_of:
        text = f"expired {_days(as_of - ends_at)} ago, at {attrs['expires_at']}"
        found.append(Finding("token-expired", "check", "L0", "error", 100, (token.origin,), "token_expired", text))
    elif ends_at - as_of < WARNING_DAYS * DAY:
        found.append(_finding(token, "token-expires-soon", "warning", f"expires in {_days(ends_at - as_of)}"))
    if made_at is not None and as_of - made_at > ROTATION_DAYS * DAY and not is_dep:
        text = f"is {_days(as_of - made_at)} old, older than {ROTATION_DAYS} days (guide)"
        found.append(_finding(token, "token-rotation-due", "warning", text))
    if used_at is not None and as_of - used_at > CURSOR_DAYS * DAY:
        found.append(_finding(token, "token-unused", "warning", f"was last used {_days(as_of - used_at)} ago"))
    if is_dep:
        text = "may do more than read: whoever holds it can assign profiles, and disown devices"
        found.append(_finding(token, "may-write", "note", text))
    return found


def cursor(until: int, as_of: int, origin: Origin) -> list[Finding]:
    """What is wrong with a sync that reached `until` (`fetched_until` of its last page)."""
    age = as_of - until
    if age > CURSOR_DAYS * DAY:
        text = f"the last sync reached {instants.render(until)}, {_days(age)} ago: its cursor has expired"
        return [Finding("cursor-expired", "check", "L0", "error", 90, (origin,), "cursor_expired", text)]
    if 2 * age > CURSOR_DAYS * DAY:
        text = f"the last sync reached {instants.render(until)}, {_days(age)} ago; a cursor lives {CURSOR_DAYS} days"
        return [Finding("cursor-ages", "check", "", "warning", 90, (origin,), "", text)]
    return []


def refused(status: int, body: bytes, origin: Origin, *, ended: bool = False) -> Finding | None:
    """What an answer other than 200 says of the token; `ended` if the token's own expiry is past.

    A 401 also comes of a wrong clock, so that by itself it is no expiry. A 429, a 5xx and a redirect say nothing: None.
    """
    said = body[:200].decode("utf-8", "replace").strip().strip('"')
    known = {
        204: ("token-region", "L4", "", "204 and nothing more: the token is of another region"),
        401: ("token-refused", "", "", "refused (401)"),
        403: ("token-denied", "", "", "denied (403)"),
        404: ("token-unknown", "", "", "there is no token of this id (404)"),
    }
    if status not in known:
        return None
    rule, layer, cause, text = known[status]
    if status == 401 and ended:
        rule, layer, cause = "token-expired", "L0", "token_expired"
    if status == 403 and "T_C_NOT_SIGNED" in said:
        rule, layer, cause, text = (
            "terms-not-accepted",
            "L0",
            "terms_not_accepted",
            "Apple's terms are not accepted (403)",
        )
    if status == 403 and _CERTIFICATE.search(said):
        rule, text = "token-certificate", "the endpoint wants a client certificate (403)"
    if said:
        text = f"{text}: {said}"
    return Finding(rule, "check", layer, "error", 90, (origin,), cause, text)


def seen(token: Fact) -> str:
    """What there is to see of a token, for people: no secret is in it."""
    attrs = token.attrs
    parts = [
        f"region {attrs['region']}" if "region" in attrs else "",
        f"expires {attrs['expires_at']}" if "expires_at" in attrs else "",
        f"made {attrs['created_at']}" if "created_at" in attrs else "",
        f"last used {attrs['last_used_at']}" if "last_used_at" in attrs else "",
    ]
    return ", ".join(filter(None, parts))


def _finding(token: Fact, rule: str, severity: str, text: str) -> Finding:
    return Finding(rule, "check", "", severity, 100, (token.origin,), "", text)


def _at(attrs: Mapping[str, str], name: str) -> int | None:
    return instants.parse(attrs[name]) if attrs.get(name) else None


def _days(span: int) -> str:
    days = span // DAY
    return f"{days:,} day{'s' * (days != 1)}" if days else f"{span // (3600 * instants.SECOND)} h"
