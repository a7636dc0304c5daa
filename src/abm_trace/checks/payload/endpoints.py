"""The servers that a payload sends devices to, and the certificates that it brings for them (SPEC G1)."""

from base64 import b64decode
from collections.abc import Iterator
from typing import Final

from abm_trace.checks.payload.document import Document, Node, Part

NOT_KNOWN: Final = "endpoint-not-known"
"""The rule of an endpoint that could not be looked at: that is nobody's fault, and nothing good either."""

_GUIDE: Final = ("serverUrl",)
_MDM: Final = ("ServerURL", "CheckInURL")
_DEP: Final = ("url", "configuration_web_url")
# From: Apple, CertificateRoot, CertificatePEM, CertificatePKCS1.
_BRINGS: Final = ("com.apple.security.root", "com.apple.security.pem", "com.apple.security.pkcs1")


def named(document: Document) -> Iterator[tuple[str, str, Node]]:
    """The address, key path and value of each server: the guide's serverUrl, Apple's ServerURL and CheckInURL.

    Of a DEP profile `url` and `configuration_web_url`. Only what begins with https: of the rest the rules tell.
    """
    for part, names in _places(document):
        for name in names:
            node = part.items.get(name)
            text = (node.text if node else None) or ""
            if node is not None and text.casefold().startswith("https://"):
                yield text, part.at(name), node


def _places(document: Document) -> Iterator[tuple[Part, tuple[str, ...]]]:
    if document.kind == "dep-profile":
        yield document.top, _DEP
        return
    yield from ((part, _GUIDE) for part in document.parts)
    yield from ((part, _MDM) for part in document.of_type("com.apple.mdm"))


def brought(document: Document) -> Iterator[bytes]:
    """The certificates (DER or PEM, unread) on whose word a device trusts the servers, beside its own roots.

    Those that a profile installs, and the `anchor_certs` of a DEP profile.
    """
    if document.kind == "dep-profile":
        anchors = document.root.items.get("anchor_certs")
        for text in filter(None, (each.text for each in (anchors.members if anchors else ()))):
            try:
                yield b64decode("".join(text.split()), validate=True)
            except ValueError:
                continue  # dep-certificate tells of it.
    for part in document.payloads:
        node = part.items.get("PayloadContent")
        if part.type in _BRINGS and node is not None and isinstance(node.value, bytes):
            yield node.value
