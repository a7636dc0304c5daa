"""What a server made of a payload: the keys that differ between what was sent and what was read back."""

from collections.abc import Iterator
from typing import Final

from abm_trace.checks.payload._interface import Complaint
from abm_trace.checks.payload.deviations import shown
from abm_trace.checks.payload.document import Document, Node

_REBUILT: Final = frozenset({"PayloadUUID", "PayloadIdentifier", "PayloadDisplayName", "PayloadDescription"})
"""Keys that servers write anew without changing what a profile does."""

_SECRET: Final = ("password", "challenge", "secret", "passcode", "token", "key")


def changes(sent: Document, back: Document) -> Iterator[Complaint]:
    """A complaint a key that was lost, changed or added, placed in what was read back."""
    if sent.kind != back.kind:
        yield Complaint("", f"a {sent.kind} was sent, and a {back.kind} was read back")
        return
    yield from _compare("", "", sent.root, back.root)


def _compare(key: str, name: str, sent: Node, back: Node) -> Iterator[Complaint]:
    if sent.kind == back.kind == "dictionary":
        for each, node in sent.items.items():
            path = f"{key}.{each}" if key else each
            if each in back.items:
                yield from _compare(path, each, node, back.items[each])
            else:
                yield Complaint(path, f"it was {_value(each, node)} when it was sent, and is gone", back.line)
        for each in back.items.keys() - sent.items.keys():
            node = back.items[each]
            path = f"{key}.{each}" if key else each
            yield Complaint(path, f"it was added: {_value(each, node)}", node.line, "note")
    elif sent.kind == back.kind == "array":
        yield from _arrays(key, sent, back)
    elif sent.kind != back.kind or sent.value != back.value:
        text = f"it was {_value(name, sent)} when it was sent, and is {_value(name, back)}"
        yield Complaint(key, text, back.line, "note" if name in _REBUILT else "")


def _arrays(key: str, sent: Node, back: Node) -> Iterator[Complaint]:
    """Payloads are matched by their type and what names them, all else by its place."""
    left = dict(enumerate(back.members))
    for number, node in enumerate(sent.members):
        match = _match(node, left, number)
        if match is None:
            yield Complaint(f"{key}[{number}]", f"{_what(node)} is gone", back.line)
        else:
            yield from _compare(f"{key}[{match}]", "", node, left.pop(match))
    for number, node in left.items():
        yield Complaint(f"{key}[{number}]", f"{_what(node)} was added", node.line, "note")


def _match(node: Node, left: dict[int, Node], number: int) -> int | None:
    type_ = node.items.get("PayloadType")
    if type_ is None:
        return number if number in left else None
    alike = [each for each, other in left.items() if _same(node, other, "PayloadType")]
    for name in ("PayloadUUID", "PayloadIdentifier"):
        if named := [each for each in alike if _same(node, left[each], name)]:
            return named[0]
    return alike[0] if alike else None


def _same(one: Node, other: Node, name: str) -> bool:
    return name in one.items and name in other.items and one.items[name].value == other.items[name].value


def _what(node: Node) -> str:
    type_ = node.items.get("PayloadType")
    return f"the payload {shown(type_)}" if type_ else _value("", node)


def _value(name: str, node: Node) -> str:
    """The value in few words; a secret is not told."""
    return "(not shown)" if any(word in name.casefold() for word in _SECRET) else shown(node)
