"""A look at a key of Apple's Business or School API: the file, a saved assertion, and what Apple lets it read."""

from typing import Final, NamedTuple
from urllib.parse import quote

import msgspec

from abm_trace.checks import api_key as checks
from abm_trace.core import instants
from abm_trace.gates.looks import Subject, live, untold
from abm_trace.gates.looks.tls import DO as UNREACHED
from abm_trace.net.allow import Allow
from abm_trace.net.http import Way
from abm_trace.net.reach import ReachError
from abm_trace.sources.probes import business
from abm_trace.sources.probes.business import Account
from abm_trace.sources.probes.wall import now_us

_LOOK: Final = "api-key"
_HOUR: Final = 3600 * instants.SECOND


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int = 0
    scope: str = ""


class _Row(msgspec.Struct):
    id: str


class _Total(msgspec.Struct):
    total: int | None = None


class _Meta(msgspec.Struct):
    paging: _Total = msgspec.field(default_factory=_Total)


class _Page(msgspec.Struct):
    data: list[_Row] | _Row | None = None
    meta: _Meta = msgspec.field(default_factory=_Meta)


class _Question(NamedTuple):
    what: str
    path: str


def look(account: Account, allow: Allow, way: Way) -> tuple[Subject, ...]:
    """Whether the key is given an access token, and what it may read with it: one page of one row each."""
    name = f"access token for {account.scope}"
    try:
        answer = business.access_token(account, allow, way)
    except ReachError as error:
        return (_unreached(name, error),)
    if finding := checks.refused(answer.status, answer.body, live(name, _LOOK)):
        return (Subject(name, findings=(finding,)),)
    try:
        token = msgspec.json.decode(answer.body, type=_Token) if answer.status == 200 else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        token = None
    if token is None:
        return (untold(name, answer, "the key"),)
    given = Subject(name, f"given for {token.expires_in} s", (checks.may_write(live(name, _LOOK)),))
    return (given, *_reads(account.scope, token.access_token, allow, way))


def _reads(scope: str, token: str, allow: Allow, way: Way) -> list[Subject]:
    now = now_us()
    since, until = (instants.render(at - at % instants.SECOND) for at in (now - _HOUR, now))
    audit = f"/v1/auditEvents?filter[startTimestamp]={since}&filter[endTimestamp]={until}&limit=1"
    questions = [_Question("devices", "/v1/orgDevices?limit=1"), _Question("servers", "/v1/mdmServers?limit=1")]
    # From: the pages of the School API list no audit events.
    questions += [_Question("audit events", audit)] if scope == "business.api" else []
    subjects = []
    for each in questions:
        subject, page = _read(scope, each, token, allow, way)
        subjects.append(subject)
        if each.what == "devices" and page is not None and isinstance(page.data, list) and page.data:
            path = f"/v1/orgDevices/{quote(page.data[0].id[:100], safe='')}/assignedServer"
            subject, _ = _read(scope, _Question("the server of a device", path), token, allow, way, known=True)
            subjects.append(subject)
    return subjects


def _read(
    scope: str, asked: _Question, token: str, allow: Allow, way: Way, *, known: bool = False
) -> tuple[Subject, _Page | None]:
    """What comes of one question. With `known` a 404 is an answer, too: a device without a server."""
    try:
        answer = business.read(scope, asked.path, token, allow, way)
    except ReachError as error:
        return _unreached(asked.what, error), None
    if answer.status == 404 and known:
        return Subject(asked.what, "may be read (it has none)"), None
    if finding := checks.denied(answer.status, asked.what, live(asked.what, _LOOK)):
        return Subject(asked.what, findings=(finding,)), None
    try:
        page = msgspec.json.decode(answer.body, type=_Page) if answer.status == 200 else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        page = None
    if page is None:
        return untold(asked.what, answer, "the key"), None
    total = page.meta.paging.total
    return Subject(asked.what, "may be read" + (f" ({total:,} in all)" if total is not None else "")), page


def _unreached(name: str, error: ReachError) -> Subject:
    return Subject(name, problem=str(error), do=error.hint or UNREACHED[error.why])
