"""Client certificates in the inventory of tokens (SPEC K1): named by the user, for no case holds them."""

from collections.abc import Sequence
from pathlib import Path

from abm_trace.checks import client_certificate
from abm_trace.checks.locked import LockedError
from abm_trace.cli.check import _secret
from abm_trace.cli.check.token import head
from abm_trace.core import instants
from abm_trace.core.errors import UsageError
from abm_trace.core.nouns import Origin
from abm_trace.exports._interface import plain
from abm_trace.views.tokens import DAY, EXPIRY_DAYS, State, Token


def certificates(files: Sequence[Path], password: Path | None, as_of: int) -> list[Token]:
    """Each as a token: its age, its end, and that it is to be replaced 30 days before that. Raises UsageError."""
    secret = _secret.password(password)
    return [_token(file, secret, as_of) for file in files]


def _token(file: Path, password: bytes | None, as_of: int) -> Token:
    try:
        held = client_certificate.read(head(file), password)
    except LockedError as error:
        hint = "Name a file that holds the right password: --password FILE"
        raise UsageError(f"{file}: is locked by a password", hint=hint) from error
    except ValueError as error:
        hint = "Give a certificate in PEM, or a PKCS #12 file."
        raise UsageError(f"{file}: is no certificate that can be read", hint=hint) from error
    made_at, ends_at = client_certificate.span(held.certificate)
    due_at = max(ends_at - EXPIRY_DAYS * DAY, instants.FIRST)
    state: State = "expired" if ends_at <= as_of else "expiring" if due_at <= as_of else "good"
    days = abs(ends_at - as_of) / DAY
    said = f"it expired {days:.1f} days ago" if state == "expired" else f"it expires in {days:.1f} days"
    origin = Origin(str(file), "client-certificate")
    found = client_certificate.check(held, as_of, origin)
    warnings = [said] if state != "good" else []
    warnings += [each.text for each in found if each.severity == "error" and each.id != "certificate-expired"]
    return Token(
        kind="certificate", id="", name=plain(client_certificate.name(held.certificate)), key=f"certificate {file}",
        region="", server="", state=state, created_at=made_at, expires_at=ends_at, last_used_at=None,
        rotate_at=max(due_at, as_of), why=f"{EXPIRY_DAYS} days before it expires", warnings=tuple(warnings),
        evidence=(origin,),
    )  # fmt: skip
