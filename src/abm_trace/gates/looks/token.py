"""A look at a token: saved, or as its own service answers (SPEC C1, K1)."""

from datetime import UTC

import msgspec

from abm_trace.checks import token as checks
from abm_trace.core.nouns import Fact
from abm_trace.formats._interface import Content
from abm_trace.formats.exports import dep_account, server_token_json
from abm_trace.formats.exports import token as abm_token
from abm_trace.gates.looks import Subject, facts, live, untold
from abm_trace.gates.looks.tls import DO as UNREACHED
from abm_trace.net.allow import Allow
from abm_trace.net.http import Answer, Way
from abm_trace.net.reach import ReachError
from abm_trace.sources.probes import abm, dep

KINDS = frozenset({"token", "server_token", "account", "coverage"})


def told(fact: Fact, as_of: int) -> Subject:
    """What a fact of a saved token, account or DEP page says."""
    where = f"{fact.origin.path}:{fact.origin.line}" if fact.origin.line else fact.origin.path
    if fact.kind == "account":
        return Subject(f"account ({where})", _account(fact))
    if fact.kind == "coverage":
        reached = tuple(checks.cursor(fact.at, as_of, fact.origin)) if fact.at is not None else ()
        return Subject(f"DEP sync ({where})", "its last page is dated", reached)
    name = fact.attrs.get("token_id") or (f"DEP server token …{fact.value}" if fact.value else "DEP server token")
    return Subject(f"{name} ({where})", checks.seen(fact), tuple(checks.check(fact, as_of)))


def abm_look(region: str, bearer: abm.Bearer, allow: Allow, way: Way, as_of: int) -> tuple[Subject, Fact | None]:
    """What the region's endpoint says of a token, and the fact of it."""
    name = f"{bearer.id} at {region}"
    try:
        answer = abm.token(region, bearer, allow, way)
    except ReachError as error:
        return Subject(name, problem=str(error), do=error.hint or UNREACHED[error.why]), None
    if answer.status != 200:
        return _refused(name, answer), None
    found = facts(answer.body, abm_token.read, f"live:{name}")
    if not found:
        return Subject(name, problem="what it answers is no token", do="See what answers there."), None
    return Subject(name, checks.seen(found[0]), tuple(checks.check(found[0], as_of))), found[0]


def dep_look(data: bytes, name: str, as_of: int, allow: Allow | None, way: Way) -> tuple[Subject, ...]:
    """What a decrypted server token says, and, with an allow-list, what Apple says of it."""
    found = [each for each in server_token_json.read(Content(name, data, UTC)) if isinstance(each, Fact)]
    subjects = [told(each, as_of) for each in found]
    if not found:
        return (Subject(name, problem="holds no server token", do="Decrypt it with the key that it was made for."),)
    if allow is None:
        return tuple(subjects)
    ended = any(each.id == "token-expired" for each in subjects[0].findings)
    return (*subjects, _asked(data, allow, way, ended=ended))


def _asked(data: bytes, allow: Allow, way: Way, *, ended: bool) -> Subject:
    """The account that Apple names for a server token."""
    name = "account"
    start, end = data.find(b"{"), data.rfind(b"}")
    try:
        secret = msgspec.json.decode(data[start : end + 1], type=dep.ServerToken)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Subject(name, problem="the token lacks a part that signs", do="Get a new token in ABM.")
    try:
        answer = dep.account(secret, allow, way)
    except ReachError as error:
        return Subject(name, problem=str(error), do=error.hint or UNREACHED[error.why])
    if answer.status != 200:
        return _refused(name, answer, ended=ended)
    known = facts(answer.body, dep_account.read, f"live:{name}")
    if not known:
        return Subject(name, problem="what Apple answers is no account", do="See what answers there.")
    return Subject(name, _account(known[0]))


def _refused(name: str, answer: Answer, *, ended: bool = False) -> Subject:
    """An answer without what was asked for: what it says of the token, or that it says nothing of it."""
    finding = checks.refused(answer.status, answer.body, live(name, "token"), ended=ended)
    return Subject(name, findings=(finding,)) if finding else untold(name, answer, "the token")


def _account(fact: Fact) -> str:
    parts = (fact.attrs.get("server", ""), fact.attrs.get("org", ""))
    return ", ".join(filter(None, parts)) or "an account without a name"
