"""Where a payload differs from Apple's published schema: one walk, whose findings the rules take up by kind."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from abm_trace.checks.payload import apple
from abm_trace.checks.payload.apple import Item, Key
from abm_trace.checks.payload.document import DEPRECATED, GUIDE_KEYS, Document, Node, Part

_SHOWN_MAX: Final = 60
# The name and password of a URL, and its query.
_SECRETS: Final = re.compile(r"(?<=://)[^/@?]*@|\?.*", re.DOTALL)
_COMMON: Final = "CommonPayloadKeys"
"""The type by which a payload is looked at whose own keys are not described here."""


class Deviation(msgspec.Struct, frozen=True):
    """`kind` is `missing`, `type`, `value`, `unknown` or `removed`. `lenient` says that the schema may be behind."""

    kind: str
    key: str
    text: str
    line: int | None
    lenient: bool = False


def deviations(document: Document, kind: str) -> Iterator[Deviation]:
    """Those of a kind, in the order of the document."""
    for part, type_ in _typed(document):
        known = apple.keys(type_)
        if kind == "missing":
            yield from _missing(document, part, known)
        elif kind == "unknown":
            if type_ != _COMMON:
                yield from _unknown(part, type_, known)
        else:
            for name, node in part.items.items():
                if name in known:
                    yield from _value(kind, part.at(name), node, known[name], lenient=type_ == _COMMON)


def _typed(document: Document) -> Iterator[tuple[Part, str]]:
    """The dictionaries that the schema speaks of, each with the type by which it does."""
    if document.kind == "dep-profile":
        yield document.top, "dep-profile"
        return
    # Apple's over-the-air profiles of this type have a dictionary as their content.
    # From: developer.apple.com/library/archive, Over-the-Air Profile Delivery and Configuration.
    yield document.top, _COMMON if document.top.type == "Profile Service" else "TopLevel"
    for payload in document.payloads:
        type_ = payload.type
        described = type_.startswith("com.apple.") and type_ in apple.facts().types
        yield payload, type_ if described else _COMMON


def _missing(document: Document, part: Part, known: Mapping[str, Key]) -> Iterator[Deviation]:
    sealed = part.key == "" and "EncryptedPayloadContent" in part.items
    for name, spec in known.items():
        if spec.required and name not in part.items and not (sealed and name == "PayloadContent"):
            where = part.type or "a payload" if part.key else "the profile"
            text = f"{where if document.kind == 'profile' else 'the DEP profile'} has no {name}, which Apple requires"
            # The guide's profiles live by the guide's keys.
            yield Deviation("missing", part.at(name), text, part.node.line, lenient=document.speaks_guide)


def _unknown(part: Part, type_: str, known: Mapping[str, Key]) -> Iterator[Deviation]:
    for name, node in part.items.items():
        if name in known or name in GUIDE_KEYS or name in DEPRECATED:
            continue
        near = apple.nearest(name, known)
        text = f"{name[:_SHOWN_MAX]} is no key of {type_} that Apple documents"
        text += f"; did you mean {near}?" if near and near not in part.items else ""
        yield Deviation("unknown", part.at(name), text, node.line, lenient=not near)


def _value(kind: str, key: str, node: Node, spec: Key, *, lenient: bool) -> Iterator[Deviation]:
    if kind == "removed":
        if spec.removed:
            yield Deviation(kind, key, f"Apple removed it: {spec.removed}", node.line)
        return
    wrong = not _is(node, spec.type)
    if kind == "type":
        if wrong:
            yield Deviation(kind, key, f"it is {_article(node.kind)}, and must be {_article(spec.type)}", node.line)
        elif spec.items:
            for number, each in enumerate(node.members):
                if not _is(each, spec.items.type):
                    text = f"it is {_article(each.kind)}, and must be {_article(spec.items.type)}"
                    yield Deviation(kind, f"{key}[{number}]", text, each.line)
    elif not wrong:
        if text := _unfit(node, spec):
            yield Deviation(kind, key, text, node.line, lenient=lenient)
        elif spec.chars_max is not None and len(node.text or "") > spec.chars_max:
            yield Deviation(kind, key, f"it is longer than {spec.chars_max} characters", node.line)
        for number, each in enumerate(node.members if spec.items else ()):
            if spec.items and _is(each, spec.items.type) and (text := _unfit(each, spec.items)):
                yield Deviation(kind, f"{key}[{number}]", text, each.line, lenient=True)


def _is(node: Node, type_: str) -> bool:
    """Whether a value has a type; a whole number is a real one too."""
    return type_ in {node.kind, "any"} or (type_ == "real" and node.kind == "integer")


def _unfit(node: Node, spec: Item) -> str:
    if spec.values and node.value not in spec.values:
        return f"it is {shown(node)}, and must be {' or '.join(repr(each) for each in spec.values)}"
    if spec.format and not apple.pattern(spec.format).match(node.text or ""):
        return f"it is {shown(node)}, which does not fit {spec.format}"
    return ""


def shown(node: Node) -> str:
    """A value in few words; what may be a secret in a URL is left out."""
    if node.kind in {"dictionary", "array", "data"}:
        return _article(node.kind)
    text = repr(
        _SECRETS.sub(lambda found: "…@" if found[0].endswith("@") else "?…", node.text)
        if node.text and "://" in node.text
        else node.value
    )
    return text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 1] + "…"


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else kind if kind in {"data", "null"} else f"a {kind}"
