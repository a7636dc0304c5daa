"""NanoMDM and MicroMDM webhooks: what each device said to the server, its property list inside in base64.

Shape: nanomdm service/webhook/event.go. NanoMDM has no inventory; the first TokenUpdate is the enrolment.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._checkin import Message, Said, message
from abm_trace.formats._interface import Content, Format, FormatError, Head
from abm_trace.formats.exports._interface import Entry, hint, inventory, keys, moment, of_a_device, sample

FORMAT = Format(
    id="nanomdm",
    title="NanoMDM webhooks (JSON, NDJSON)",
    reference="https://github.com/micromdm/nanomdm/blob/main/docs/operations-guide.md",
    covers=("mdm",),
)

_EVENTS = ("checkin_event", "acknowledge_event")
_TOPICS = {"mdm.Authenticate": "authenticate", "mdm.TokenUpdate": "token_update", "mdm.CheckOut": "checked_out"}
_CHECKINS = frozenset({*_TOPICS, "mdm.Connect"})
_PAYLOAD_CHARS_MAX = 1024 * 1024
_TELLING = (b"QueryResponses", b"SecurityInfo", b"onfigured", b"RequestType")
"""One of these stands in every answer that says more than that the device is there; the others are not opened."""
_USERS = (b"UserID", b"UserShortName", b"UserLongName", b"EnrollmentID")
"""One of these stands in what is said on the user channel, or of a user's own enrolment."""
_CONNECTED = Said("connected", "", {})


def score(head: Head) -> float:
    """Sure of records with one of its events, or with one of its topics."""
    names = keys(head)
    topics = any(isinstance(topic := record.get("topic"), str) and topic.startswith("mdm.") for record in sample(head))
    if not names.isdisjoint(_EVENTS):
        return 0.97 + hint(head, "nanomdm", "micromdm") / 2
    return 0.9 + hint(head, "nanomdm", "micromdm") if topics else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What each event states of its device, at the time at which the server received it.

    Servers ask for the same information again and again: what a device is, is told once, and without a time. That it
    asked for commands (`mdm.Connect`) is no check-in, and no device does so before its first TokenUpdate.
    """
    known: set[frozenset[tuple[str, str]]] = set()
    connected: dict[str, Fact] = {}

    def say(entry: Entry) -> Iterator[Fact]:
        for fact in _say(entry):
            if fact.kind == "device_information":
                told = frozenset(fact.attrs.items())
                if told in known:
                    continue
                known.add(told)
            if fact.kind != "connected":
                yield fact
            elif fact.at is not None:  # Of the many the last one of a device says as much as all.
                name = fact.attrs.get("udid") or fact.attrs.get("serial", "")
                last = connected.get(name)
                if last is None or fact.at > (last.at or 0):
                    connected[name] = fact

    yield from inventory(content, FORMAT, say)
    yield from connected.values()


def _say(entry: Entry) -> Iterator[Fact]:
    topic = entry.word("topic")
    if topic not in _CHECKINS:
        if not topic.startswith("mdm."):
            entry.skip("a record is not used, it is of no kind that is known", topic)
        return
    event = next((entry.inside(name) for name in _EVENTS if isinstance(entry.fields.get(name), dict)), None)
    if event is None:
        entry.skip("an event is not used, it has no content", topic)
        return
    found = _message(entry, event, topic)
    if found is None or not found.said:
        return
    attrs = found.attrs
    if "udid" not in attrs and (udid := event.word("udid")):
        attrs["udid"] = udid
    if not of_a_device(attrs, entry):
        return
    attrs["mdm"] = "nanomdm"
    at = moment(entry, "created_at")
    if at is None:  # Nobody knows how far such a file reaches.
        entry.skip("an event has no time")
        yield Fact("coverage", None, "mdm", "mdm", {}, entry.origin)
    for said in found.said:
        when = None if said.kind == "device_information" else at
        yield Fact(said.kind, when, "mdm", said.value, attrs | said.attrs, entry.origin)


def _message(entry: Entry, event: Entry, topic: str) -> Message | None:
    """What the device said, or, where its property list cannot be read (named), what the event says; None: nothing."""
    if _of_a_user(event):
        return None
    tally = event.word("token_update_tally")
    count = int(tally) if tally.isascii() and tally.isdecimal() and len(tally) < 10 else 0
    request = event.word("request_type", "command_uuid")
    raw = _payload(entry, event)
    configured = topic == "mdm.Connect" and "deviceconfigured" in request.lower()
    if topic == "mdm.Connect":
        telling = configured or any(word in raw for word in _TELLING)
        if not telling or event.word("status") not in {"Acknowledged", ""}:
            return None if any(word in raw for word in _USERS) else Message({}, (_CONNECTED,))
    try:
        found = message(raw, tally=count, request=request) if raw else None
    except FormatError as error:
        entry.skip("the property list of an event cannot be read", str(error))
        found = None
    if found is not None:
        if found.trailing:
            entry.skip("the property list of an event is not read in full", found.trailing)
        own = topic == "mdm.Connect" and bool(found.attrs)
        return found._replace(said=(*found.said, _CONNECTED)) if own else found
    if topic in _TOPICS:
        kind = "token_renewed" if topic == "mdm.TokenUpdate" and count > 1 else _TOPICS[topic]
        return Message({}, (Said(kind, "", {}),))
    return Message({}, (*((Said("configured", "", {}),) if configured else ()), _CONNECTED))


def _payload(entry: Entry, event: Entry) -> bytes:
    """The property list inside an event; b"" where there is none, or (named) none that can be read."""
    text = event.fields.get("raw_payload")
    if text is None:
        return b""
    if not isinstance(text, str) or len(text) > _PAYLOAD_CHARS_MAX:
        entry.skip("the property list of an event cannot be read", "it is no text, or too long")
        return b""
    try:
        return b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        entry.skip("the property list of an event cannot be read", "its base64 is damaged")
        return b""


def _of_a_user(event: Entry) -> bool:
    """Whether an event came on the user channel: its enrolment id is the device's with the user's behind it."""
    ids = event.inside("ids")
    kind = ids.word("type").lower()
    return bool(ids.word("parent_id")) or "user" in kind or "shared" in kind or ":" in event.word("enrollment_id")
