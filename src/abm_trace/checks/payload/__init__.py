"""The payload check (SPEC C6, G1): profiles, plain or signed, and DEP profiles in JSON, against the rules in rules/.

Pure: it is given bytes, certificates and the time, and gives findings. docs/validate.md lists the rules.
"""

import re
from array import array
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from hashlib import sha256
from itertools import chain, islice
from typing import Final

from abm_trace.checks.payload._interface import SEVERITIES, Asked, Checked, Complaint, Endpoint, Hit, Rule
from abm_trace.checks.payload.document import Document, DocumentError, Trust, certificates, open_document, read_trust
from abm_trace.checks.payload.endpoints import NOT_KNOWN, brought, named
from abm_trace.core.nouns import Finding, Origin

__all__ = [
    "NOT_KNOWN",
    "SEVERITIES",
    "Asked",
    "Checked",
    "Cited",
    "Complaint",
    "Document",
    "DocumentError",
    "Endpoint",
    "Hit",
    "Rule",
    "Trust",
    "catalogue",
    "certificates",
    "check",
    "hits",
    "open_document",
    "read_trust",
]

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")

COMPLAINTS_MAX: Final = 20
"""How many findings of one rule in one payload are told one by one, and servers of one are looked at. Origin: ours."""

_BROUGHT_MAX: Final = 64


@cache
def catalogue() -> dict[str, Rule]:
    """Every rule by its id."""
    from abm_trace.checks.payload.rules import RULES  # noqa: PLC0415  # Rules import this package.

    return {rule.id: rule for rule in RULES}


class Cited:
    """A file that findings cite."""

    def __init__(self, data: bytes, path: str) -> None:
        self._data = data
        self._path = path

    def origin(self, by: str, line: int | None) -> Origin:
        """A line of it, or the whole of it where there are no lines."""
        if line is not None and 0 < line < len(self._starts):
            text = self._data[self._starts[line - 1] : self._starts[line]].rstrip(b"\r\n")
            return Origin(self._path, by, line=line, sha256=sha256(text).hexdigest())
        return Origin(self._path, by, 0, len(self._data), line, 0, self._digest)

    @cached_property
    def _starts(self) -> "array[int]":
        """Where each line begins, and where the last one ends; none for UTF-16, which has no lines of bytes."""
        if b"\0" in self._data[:64]:
            return array("Q")
        ends = (found.end() for found in _LINE_END.finditer(self._data))
        return array("Q", chain((0,), ends, (len(self._data),)))

    @cached_property
    def _digest(self) -> str:
        return sha256(self._data).hexdigest()


def check(data: bytes, path: str, asked: Asked, *, meant: bool = False) -> Checked | None:
    """What the rules say of a payload, in the order in which it stands in it; None if the bytes are no payload.

    `meant` says that a person named this file, so that a damaged CMS message is taken for a damaged profile.
    """
    try:
        document = open_document(data, path, meant=meant)
    except DocumentError as error:
        complaint = Complaint("", str(error), error.line)
        return Checked(path, "unreadable", "", tuple(hits(catalogue()[error.rule], [complaint], Cited(data, path))))
    if document is None:
        return None
    found: list[Hit] = []
    cited = Cited(data, path)
    for rule in catalogue().values():
        if complaints := list(islice(rule.find(document, asked), COMPLAINTS_MAX + 1)):
            found += hits(rule, complaints, cited)
    found.sort(key=lambda hit: hit.finding.evidence[0].line or 0)
    endpoints = tuple(_endpoints(document, cited)) if asked.endpoints else ()
    return Checked(path, document.kind, document.form, tuple(found), endpoints)


def _endpoints(document: Document, cited: Cited) -> Iterator[Endpoint]:
    anchors = tuple(islice(brought(document), _BROUGHT_MAX))
    for url, key, node in islice(named(document), COMPLAINTS_MAX):
        yield Endpoint(url, key, cited.origin(key, node.line), anchors)


def hits(rule: Rule, complaints: Iterable[Complaint], cited: Cited) -> Iterator[Hit]:
    """The findings of one rule, each with the digest of what it cites: its line, or the whole payload."""
    for number, each in enumerate(complaints):
        more = number == COMPLAINTS_MAX
        origin = cited.origin(rule.id, each.line)
        text = f"and more of {rule.id} in this payload" if more else each.text
        severity = each.severity or rule.severity
        finding = Finding(rule.id, "check", rule.layer, severity, 100, (origin,), rule.cause, text)
        yield Hit(finding, "" if more else each.key)
