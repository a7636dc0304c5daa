"""A payload as a document: opened, decoded, and addressed by key paths."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from abm_trace.checks.payload import apple
from abm_trace.checks.payload.document._cms import Envelope, Signer, kind_of, open_cms
from abm_trace.checks.payload.document._node import BYTES_MAX, DocumentError, Node, Parsed
from abm_trace.checks.payload.document._trust import Trust, certificates, read_trust

__all__ = [
    "BYTES_MAX",
    "DEPRECATED",
    "GUIDE_KEYS",
    "Document",
    "DocumentError",
    "Envelope",
    "Node",
    "Part",
    "Signer",
    "Trust",
    "certificates",
    "may_be",
    "open_document",
    "read_trust",
]

GUIDE_KEYS: Final = ("enrollmentMethod", "serverUrl")
"""The keys that the field guide asks for (SPEC G1)."""

DEPRECATED: Final = ("enrollmentType", "mdmURL")
"""Those that it calls deprecated (SPEC G1)."""

_SIGNS: Final = frozenset({"PayloadType", "PayloadContent", "PayloadUUID", *GUIDE_KEYS, *DEPRECATED})


@dataclass(frozen=True, slots=True)
class Part:
    """A dictionary in which keys count: the profile's top (key path ""), a payload, or a payload's own content."""

    key: str
    node: Node

    def at(self, key: str) -> str:
        """The path of one of its keys."""
        return f"{self.key}.{key}" if self.key else key

    @property
    def items(self) -> dict[str, Node]:
        """Its entries."""
        return self.node.items

    @property
    def type(self) -> str:
        """Its PayloadType, "" where that is no text."""
        node = self.node.items.get("PayloadType")
        return (node.text if node else None) or ""


@dataclass
class Document:
    """A payload. `kind` is `profile` or `dep-profile`, `form` how it is written, `envelope` the CMS message around it.

    Lines are those of the file, and so None inside an envelope.
    """

    path: str
    kind: str
    form: str
    root: Node
    trailing: str = ""
    repeated: tuple[tuple[str, int | None], ...] = ()
    envelope: Envelope | None = None

    @cached_property
    def top(self) -> Part:
        """The outermost dictionary."""
        return Part("", self.root)

    @cached_property
    def payloads(self) -> tuple[Part, ...]:
        """The payloads of a profile."""
        content = self.root.items.get("PayloadContent") if self.kind == "profile" else None
        members = content.members if content else []
        return tuple(
            Part(f"PayloadContent[{number}]", each) for number, each in enumerate(members) if each.kind == "dictionary"
        )

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Wherever the guide's keys count: the top, the payloads, and what these carry as their content."""
        inner = []
        for payload in self.payloads:
            node = payload.items.get("PayloadContent")
            if node is not None and node.kind == "dictionary":
                inner.append(Part(payload.at("PayloadContent"), node))
        content = self.root.items.get("PayloadContent")
        if content is not None and content.kind == "dictionary":
            inner.append(Part("PayloadContent", content))
        return (self.top, *self.payloads, *inner)

    @cached_property
    def speaks_guide(self) -> bool:
        """Whether it has a key of the guide dialect, be it empty."""
        return any(key in part.items for part in self.parts for key in (*GUIDE_KEYS, *DEPRECATED))

    def enrols(self, region: str) -> bool:
        """Whether the guide's keys have to be there: it has one, or it has an MDM and a `region` is named."""
        return self.kind == "profile" and (self.speaks_guide or bool(region and self.of_type("com.apple.mdm")))

    def of_type(self, name: str) -> list[Part]:
        """The payloads of a type."""
        return [each for each in self.payloads if each.type == name]


def open_document(data: bytes, path: str, *, meant: bool = False) -> Document | None:
    """The payload in these bytes, None where they are none by content and by name. Raises DocumentError.

    `meant` says that a person named this file: a CMS message that is damaged is then a damaged profile.
    """
    named = path.lower().endswith(".mobileconfig")
    if len(data) > BYTES_MAX:
        if not (named or kind_of(data) or _form(data)):
            return None
        raise DocumentError(f"more than {BYTES_MAX:,} bytes are too many for a profile", rule="payload-too-large")
    kind = kind_of(data)
    if kind == "signed":
        return _signed(data, path, named=named, meant=meant or named)
    if kind and named:
        raise DocumentError(f"the CMS message is {kind}, not signed", rule="payload-encrypted")
    if form := _form(data):
        return _plain(data, path, form, named=named)
    if named:
        raise DocumentError(_nothing(data))
    return None


def _nothing(data: bytes) -> str:
    """What a file is that is called a profile and is none."""
    if not data.strip():
        return "it is empty"
    if b"pkcs7-mime" in data[:4096].lower():
        return "it is signed as mail (S/MIME), and devices take DER alone: openssl smime -sign -nodetach -outform der"
    return "it is neither a property list nor a CMS message"


def may_be(head: bytes, path: str) -> bool:
    """Whether a file that begins so can be a payload at all, so that others need not be read."""
    return path.lower().endswith(".mobileconfig") or bool(kind_of(head) or _form(head))


def _signed(data: bytes, path: str, *, named: bool, meant: bool) -> Document | None:
    try:
        envelope = open_cms(data)
    except DocumentError:
        # A message that is damaged may be a mail or a token as well, which are no matter of ours.
        if meant or b"<plist" in data or b"bplist0" in data:
            raise
        return None
    form = _form(envelope.content)
    if not (form and form != "JSON") and not named:
        return None
    if not form:
        raise DocumentError("the CMS message holds no property list")
    try:
        document = _plain(envelope.content, path, form, named=named)
    except DocumentError as error:
        raise DocumentError(f"inside the CMS message: {error}", rule=error.rule) from error
    if document is not None:
        _forget_lines(document.root)
        document.envelope = envelope
        document.form = f"{form} in CMS"
        document.repeated = tuple((key, None) for key, _ in document.repeated)
        if envelope.trailing_bytes:
            document.trailing = f"{envelope.trailing_bytes:,} bytes follow the CMS message"
    return document


def _form(data: bytes) -> str:
    if data.startswith(b"bplist"):
        return "binary plist"
    head = data[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head.startswith(b"<"):
        return "XML plist" if b"<plist" in head or b"<!DOCTYPE plist" in head else ""
    return "JSON" if head.startswith(b"{") else ""


def _plain(data: bytes, path: str, form: str, *, named: bool) -> Document | None:
    if form == "JSON":
        from abm_trace.checks.payload.document._json import read_json  # noqa: PLC0415  # Most profiles are lists.

        signs = apple.dep_signs()
        if not any(sign.encode() in data.replace(b"\0", b"") for sign in signs):  # UTF-16 is named, not passed over.
            return None
        parsed = read_json(data)
        keys = parsed.root.items.keys()
        if signs.isdisjoint(keys) or len(keys & apple.keys("dep-profile").keys()) < 2:
            return None
        return _document(path, "dep-profile", form, parsed)
    if form == "XML plist":
        from abm_trace.checks.payload.document._xml import read_xml as read  # noqa: PLC0415
    else:
        from abm_trace.checks.payload.document._binary import read_binary as read  # noqa: PLC0415
    parsed = read(data)
    if parsed.root.kind != "dictionary" or _SIGNS.isdisjoint(parsed.root.items):
        if not named:
            return None
        if parsed.root.kind != "dictionary":
            raise DocumentError("the property list is no dictionary")
    return _document(path, "profile", form, parsed)


def _document(path: str, kind: str, form: str, parsed: Parsed) -> Document:
    return Document(path, kind, form, parsed.root, parsed.trailing, tuple(parsed.repeated))


def _forget_lines(node: Node) -> None:
    """Lines inside an envelope are not the file's."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        each.line = None
        waiting += each.items.values()
        waiting += each.members
