"""Signatures: what a log message means for a device. Each is one Sigma rule, a YAML file in `rules/` or of the user."""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from abm_trace.core.nouns import Fact, Origin, Record, Skipped
from abm_trace.signatures import rule
from abm_trace.signatures._interface import Signature, SignatureError

PROCESSES = frozenset(
    {
        "teslad", "cloudconfigurationd", "profiled", "profiles", "mdmclient", "mdmd", "dmd", "Setup", "Setup Assistant",
        "mobileactivationd",
    }
)  # fmt: skip
"""The processes of enrolment; only their lines count (SPEC section 2)."""

SUBSYSTEMS = ("com.apple.DeviceManagement", "com.apple.MCX", "com.apple.ManagedClient", "com.apple.CloudConfigurationDaemon")


def load(folders: Iterable[Path] = ()) -> tuple[list[Signature], list[Skipped]]:
    """Our own signatures and those of the user's folders, and what could not be used of the latter, by name.

    One of our own that is broken raises SignatureError: that is a fault of the release, not of the user.
    """
    own = Path(str(files(__name__) / "rules"))
    signatures = [rule.read(path) for path in sorted(own.glob("*.yml"))]
    skipped = []
    taken = {signature.id for signature in signatures}
    for folder in folders:
        for path in sorted(each for each in folder.rglob("*") if each.suffix in {".yml", ".yaml"} and each.is_file()):
            try:
                signature = rule.read(path, str(path))
            except SignatureError as error:
                reason = f"signature not used: {error}" + (f" {error.hint}" if error.hint else "")
                skipped.append(Skipped(str(path), reason, line=error.line))
                continue
            if signature.id in taken:
                skipped.append(Skipped(str(path), f"signature not used: {signature.id!r} exists already", line=1))
                continue
            taken.add(signature.id)
            signatures.append(signature)
    return signatures, skipped


def in_scope(record: Record) -> bool:
    """Whether a record comes from a process or subsystem of enrolment."""
    return (
        record.subsystem.startswith(SUBSYSTEMS) or record.process in PROCESSES or record.process.startswith(SUBSYSTEMS)
    )


def match(record: Record, candidates: Iterable[Signature], origin: Origin) -> list[Fact]:
    """The facts that the candidates see in a record."""
    scoped = in_scope(record)
    return [
        fact(signature, record, origin)
        for signature in candidates
        if (scoped or signature.everywhere) and signature.test(record)
    ]


def fact(signature: Signature, record: Record, origin: Origin) -> Fact:
    """The fact that a matching signature makes of a record."""
    attrs = record.attrs
    value = ""
    if record.host:
        attrs = {**attrs, "host": record.host}
    if signature.value and (found := signature.value.search(record.message)):
        value = found[0]
        if found.re.groups:
            named = {key: text for key, text in found.groupdict().items() if text}
            attrs = {**attrs, **named}
    where = Origin(origin.path, signature.id, origin.offset, origin.length, origin.line, None, origin.sha256)
    return Fact(signature.fact, record.at, "log", value, attrs, where, signature.layer, signature.cause)


__all__ = ["PROCESSES", "SUBSYSTEMS", "Signature", "SignatureError", "fact", "in_scope", "load", "match"]
