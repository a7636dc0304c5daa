"""Profiles of the DEP service: what a device is given, as defined or fetched, and to which devices it was given.

From: developer.apple.com/documentation/devicemanagement/profile and assign-a-profile.
"""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, Notes, PageReader, glimpse, hint, named, named_error

FORMAT = Format(
    id="dep-profile",
    title="DEP profile, and the answer to its assignment (JSON, NDJSON)",
    reference="docs/facts.md#dep-profile",
)

_FLAGS = (
    "is_mandatory", "is_supervised", "is_mdm_removable", "is_multi_user", "await_device_configured",
    "auto_advance_setup", "allow_pairing", "is_return_to_service", "do_not_use_profile_from_backup",
)  # fmt: skip
_TEXTS = ("profile_name", "profile_uuid")
_URLS = ("url", "configuration_web_url")
_SIGNS = frozenset({*_FLAGS, "profile_name", "skip_setup_items", "org_magic", "anchor_certs", "supervising_host_certs"})
_RESULTS = {
    "SUCCESS": "assigned", "THROTTLED": "throttled", "FAILED": "assign_failed", "NOT_ACCESSIBLE": "assign_failed",
}  # fmt: skip
_URL_CHARS_MAX = 500


def score(head: Head) -> float:
    """Sure of a URL with two of a profile's other keys, and of an answer that names a profile and results."""
    for fields in glimpse(head)[:1]:
        if not {"url", "configuration_web_url"}.isdisjoint(fields) and len(_SIGNS & fields.keys()) > 1:
            return 0.9 + hint(head, "profile")
        if _is_answer(fields):
            return 0.9 + hint(head, "profile")
    return 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """`dep_profile` for a profile; `assigned`, `throttled` or `assign_failed` for each device of an assignment."""
    notes = Notes(content.path)
    # A definition that lists its devices by serial number looks like a page without rows.
    for entry in PageReader(content, FORMAT.id, notes, texts=True).entries():
        if named_error(entry):
            continue
        if isinstance(entry.fields.get("devices"), dict):
            yield from _answer(entry)
        elif not {"url", "configuration_web_url", "profile_name"}.isdisjoint(entry.fields):
            yield from _profile(entry)
        elif not entry.page:
            entry.skip("a record is no DEP profile and is not used")
    yield from notes


def _is_answer(fields: dict[str, object]) -> bool:
    """Whether these are the results of an assignment: a word for each serial number."""
    devices = fields.get("devices")
    if not isinstance(devices, dict) or any(isinstance(each, dict) for each in devices.values()):
        return False
    return "profile_uuid" in fields or (bool(devices) and all(isinstance(each, str) for each in devices.values()))


def _answer(entry: Entry) -> Iterable[Fact]:
    """What an assignment did, and did not do. A result of another request looks the same, but has no profile; only
    THROTTLED speaks for itself.
    """
    uuid = entry.text("profile_uuid")
    for serial in entry.inside("devices").fields:
        one = entry.inside("devices")
        result = one.text(serial).upper()
        attrs = {"serial": serial, **({"profile_uuid": uuid} if uuid else {})}
        kind = _RESULTS.get(result, "")
        if not kind:
            entry.skip("a result is none of those that are known", f"{serial} {result}")
        elif not uuid and result != "THROTTLED":
            entry.skip("a result does not say that it is of an assignment, it is not used", f"{serial} {result}")
        elif named(attrs, entry):
            yield Fact(kind, None, "dep", "" if kind == "assigned" else result, attrs, entry.origin)


def _profile(entry: Entry) -> Iterable[Fact]:
    attrs = {name: text for name in _TEXTS if (text := entry.text(name))}
    for name in _URLS:
        if text := entry.text(name):
            attrs[name] = text.partition("?")[0].partition("#")[0][:_URL_CHARS_MAX]  # A query may hold a secret.
    for name in _FLAGS:
        value = entry.fields.get(name)
        if isinstance(value, bool):
            attrs[name] = "yes" if value else "no"
        elif value is not None:
            entry.skip("a field is neither true nor false", name)
    yield Fact("dep_profile", None, "profile", attrs.get("profile_name", ""), attrs, entry.origin)
