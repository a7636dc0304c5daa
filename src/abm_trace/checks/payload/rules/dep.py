"""DEP profiles, beyond what their schema says of single keys."""

from base64 import b64decode
from collections.abc import Iterator
from typing import Final

from abm_trace.checks.payload import apple
from abm_trace.checks.payload._interface import Asked, Complaint, Rule
from abm_trace.checks.payload.deviations import shown
from abm_trace.checks.payload.document import Document


def _dep_flags(document: Document, asked: Asked) -> Iterator[Complaint]:
    """One complaint at most."""
    node = document.root.items.get("is_mdm_removable") if document.kind == "dep-profile" else None
    supervised = document.root.items.get("is_supervised")
    if node and node.flag is False and not (supervised and supervised.flag):
        yield Complaint("is_mdm_removable", "it is false, which needs is_supervised to be true", node.line)


DEP_FLAGS = Rule(
    id="dep-flags",
    title="is_mdm_removable is false without is_supervised",
    severity="error",
    source="Apple, DEP service: FLAGS_INVALID",
    means="The DEP service refuses the profile, and no device gets it.",
    do="Set is_supervised to true (iOS 13 and later always are), or let the MDM be removable.",
    layer="L0",
    cause="no_profile",
    kind="dep-profile",
    bad=({"is_mdm_removable": False, "is_supervised": False}, {"is_mdm_removable": False, "is_supervised": None}),
    good=({"is_mdm_removable": False, "is_supervised": True}, {"is_mdm_removable": True, "is_supervised": False}),
    find=_dep_flags,
)


def _dep_auto_advance(document: Document, asked: Asked) -> Iterator[Complaint]:
    """One complaint that names what lacks."""
    items = document.root.items if document.kind == "dep-profile" else {}
    node = items.get("auto_advance_setup")
    lacking = [key for key in ("language", "region") if not (key in items and items[key].text)]
    if node and node.flag and lacking:
        yield Complaint("auto_advance_setup", f"it is true, and needs {' and '.join(lacking)}", node.line)


DEP_AUTO_ADVANCE = Rule(
    id="dep-auto-advance",
    title="auto_advance_setup without language and region",
    severity="error",
    source="Apple, DEP profile: auto_advance_setup",
    means="Setup Assistant stops at its first screen and waits for a person.",
    do="Add language (such as en) and region (such as US).",
    kind="dep-profile",
    bad=({"auto_advance_setup": True}, {"auto_advance_setup": True, "language": "en"}),
    good=({"auto_advance_setup": True, "language": "en", "region": "US"}, {"auto_advance_setup": False}),
    find=_dep_auto_advance,
)


def _dep_skip_item(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a name, with the nearest one that Apple has."""
    node = document.root.items.get("skip_setup_items") if document.kind == "dep-profile" else None
    known = apple.facts().skip_keys
    for number, each in enumerate(node.members if node else ()):
        if each.text is not None and each.text not in known:
            near = apple.nearest(each.text, sorted(known))
            text = f"{shown(each)} is no pane that Apple documents" + (f"; did you mean {near}?" if near else "")
            yield Complaint(f"skip_setup_items[{number}]", text, each.line, "" if near else "note")


DEP_SKIP_ITEM = Rule(
    id="dep-skip-item",
    title="A pane of Setup Assistant that Apple does not document",
    severity="warning",
    source="Apple's schema of iOS 18.1: skipkeys",
    means="Devices ignore the name and show the pane. Where no known name is near, a newer system may know it: then "
    "this is a note.",
    do="Correct the spelling; names count with their capitals.",
    kind="dep-profile",
    bad=({"skip_setup_items": ["Locaton"]}, {"skip_setup_items": ["appleid"]}),
    good=({"skip_setup_items": ["Location", "AppleID"]},),
    find=_dep_skip_item,
)


_CERTIFICATES: Final = ("anchor_certs", "supervising_host_certs")


def _dep_certificate(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a text that is no certificate."""
    for key in _CERTIFICATES if document.kind == "dep-profile" else ():
        node = document.root.items.get(key)
        for number, each in enumerate(node.members if node else ()):
            if each.text is not None and not _is_certificate(each.text):
                yield Complaint(f"{key}[{number}]", "it is no certificate in DER and base64", each.line)


def _is_certificate(text: str) -> bool:
    from abm_trace.checks.payload.document._signers import certificate  # noqa: PLC0415  # Most payloads have none.

    try:
        return certificate(b64decode("".join(text.split()), validate=True)) is not None
    except ValueError:
        return False


DEP_CERTIFICATE = Rule(
    id="dep-certificate",
    title="A certificate that is none",
    severity="error",
    source="Apple, DEP profile: anchor_certs and supervising_host_certs are DER in base64",
    means="The device trusts the MDM server on the word of anchor_certs, and cannot read them.",
    do="Write the DER form in base64 on one line, without BEGIN and END: `openssl x509 -outform DER | base64 -w0`.",
    kind="dep-profile",
    bad=({"anchor_certs": ["-----BEGIN CERTIFICATE-----"]}, {"supervising_host_certs": ["aGVsbG8="]}),
    good=({"anchor_certs": []},),
    find=_dep_certificate,
)


_DEVICES_MAX: Final = 1000  # From: developer.apple.com/documentation/devicemanagement/define-a-profile


def _dep_devices(document: Document, asked: Asked) -> Iterator[Complaint]:
    """One complaint where there are more."""
    node = document.root.items.get("devices") if document.kind == "dep-profile" else None
    if node and len(node.members) > _DEVICES_MAX:
        yield Complaint("devices", f"it names {len(node.members):,} devices, a call takes {_DEVICES_MAX:,}", node.line)


DEP_DEVICES = Rule(
    id="dep-devices",
    title="More devices than one call takes",
    severity="error",
    source="Apple, DEP service: at most 1,000 devices a call",
    means="The DEP service refuses the call, and no device gets the profile.",
    do="Define the profile once, and assign it to the devices in calls of 1,000.",
    kind="dep-profile",
    layer="L0",
    cause="no_profile",
    bad=({"devices": [f"F9FXQ{number:05}" for number in range(1001)]},),
    good=({"devices": ["F9FXQ1ABCD"]},),
    find=_dep_devices,
)


RULES: Final = (DEP_FLAGS, DEP_AUTO_ADVANCE, DEP_SKIP_ITEM, DEP_CERTIFICATE, DEP_DEVICES)
