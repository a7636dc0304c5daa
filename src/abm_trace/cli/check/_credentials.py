"""API keys, assertions that they signed, and client certificates, in files as `check token` is given them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from abm_trace.checks import api_key, client_certificate
from abm_trace.checks.locked import LockedError
from abm_trace.core.errors import UsageError
from abm_trace.core.nouns import Finding, Origin
from abm_trace.gates.looks import Subject
from abm_trace.gates.looks import api_key as looks
from abm_trace.net.http import Way
from abm_trace.sources.probes import business

DO = {**api_key.DO, **client_certificate.DO}
_LOCKED = "is locked by a password"
_UNLOCK = "Name a file that holds the right password: --password FILE"


@dataclass(frozen=True, slots=True)
class Named:
    """What the user said: the ids and the scope ("" where they were not named), and the password of the files."""

    client_id: str = ""
    key_id: str = ""
    scope: str = ""
    password: bytes | None = None


def is_one(data: bytes) -> bool:
    """Whether a file is one of them."""
    return api_key.is_key(data) or api_key.is_assertion(data) or client_certificate.is_certificate(data)


def told(files: Mapping[Path, bytes], named: Named, as_of: int, way: Way | None, *, loopback: bool) -> list[Subject]:
    """What is to say of each file, and, if there is a `way` to ask Apple, what the keys may do. Raises UsageError.

    An assertion is held against the key, where one was named.
    """
    subjects, keys = [], []
    for path, data in files.items():
        if api_key.is_key(data):
            subject, key = _key(path, data, named)
            subjects.append(subject)
            keys += [key] if key else []
        elif client_certificate.is_certificate(data):
            subjects.append(_certificate(path, data, named.password, as_of))
    signer = keys[0] if len(keys) == 1 else None
    subjects += [_assertion(path, data, as_of, signer) for path, data in files.items() if api_key.is_assertion(data)]
    if way is not None:
        for key in keys:
            subjects += _asked(key, named, way, loopback=loopback)
    return subjects


def exposed(path: Path, data: bytes) -> list[Subject]:
    """A subject for a decrypted server token that others may read."""
    origin = Origin(str(path), "server-token")
    found = _mode(path, origin) if b'"access_secret"' in data else []
    return [Subject(f"file {path}", findings=tuple(found))] if found else []


def _key(path: Path, data: bytes, named: Named) -> tuple[Subject, EllipticCurvePrivateKey | None]:
    name, origin = f"API key ({path})", Origin(str(path), "api-key")
    findings = [*_mode(path, origin), *api_key.ids(named.client_id, named.key_id, named.scope, origin)]
    try:
        found = api_key.key(data, origin, named.password)
    except LockedError:
        return Subject(name, findings=tuple(findings), problem=_LOCKED, do=_UNLOCK), None
    if isinstance(found, Finding):
        return Subject(name, findings=(found, *findings)), None
    return Subject(name, "EC on P-256, as Apple's are", tuple(findings)), found


def _asked(key: EllipticCurvePrivateKey, named: Named, way: Way, *, loopback: bool) -> tuple[Subject, ...]:
    if not named.client_id or not named.key_id:
        raise UsageError("an API key is asked about with its ids", hint="Give both: --client-id ID --key-id ID")
    by_id = next((scope for begin, scope in api_key.SCOPES.items() if named.client_id.startswith(begin)), "")
    scope = named.scope or by_id
    if not scope:
        raise UsageError("the client id does not say which API it is for", hint="Give it: --scope business.api")
    others = [each.host for each in (way.at, way.proxy) if each]
    allow = business.allowed(scope, *others, loopback=loopback)
    return looks.look(business.Account(named.client_id, named.key_id, key, scope), allow, way)


def _assertion(path: Path, data: bytes, as_of: int, key: EllipticCurvePrivateKey | None) -> Subject:
    origin = Origin(str(path), "client-assertion")
    found = (*api_key.assertion(data, as_of, origin, key), *_mode(path, origin))
    return Subject(f"client assertion ({path})", api_key.seen(data), found)


def _certificate(path: Path, data: bytes, password: bytes | None, as_of: int) -> Subject:
    name, origin = f"client certificate ({path})", Origin(str(path), "client-certificate")
    try:
        held = client_certificate.read(data, password)
    except LockedError:
        return Subject(name, problem=_LOCKED, do=_UNLOCK)
    except ValueError:
        text = "is no certificate that can be read"
        return Subject(name, findings=(Finding("certificate-damaged", "check", "", "error", 100, (origin,), "", text),))
    found = client_certificate.check(held, as_of, origin)
    found += _mode(path, origin) if held.own_key is not None else []
    return Subject(name, client_certificate.seen(held.certificate, as_of), tuple(found))


def _mode(path: Path, origin: Origin) -> list[Finding]:
    """Elsewhere than on POSIX the mode says nothing of who may read a file."""
    return api_key.readable(path.stat().st_mode, origin) if os.name == "posix" else []
