"""Read a signature: a Sigma rule in YAML with `layer`, `fact` and `examples` of its own.

The file is hostile until it is read: no aliases, no tags, no repeated keys, bounded size, and an expression that a
linear scan can match. Each refusal names the file and the line.
"""

import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import yaml
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from abm_trace.signatures import condition, predicate
from abm_trace.signatures._error import SignatureError
from abm_trace.signatures._interface import SIZE_BYTES_MAX, Example, Signature, contents

LAYERS: Final = ("L0", "L1", "L2", "L3", "L4", "L5", "L6", "L7")
CONFIDENCE: Final = {"informational": 60, "low": 60, "medium": 75, "high": 90, "critical": 95}
"""How surely a message means what its rule says, where the rule does not say it. Origin: ours."""

MODIFIERS: Final = frozenset({"contains", "startswith", "endswith", "all", "re", "cased", "i", "m", "s"})
_FIELD_DEPTH = 4
"""A field stands at /detection/NAME/FIELD."""

_DETECTION_WORDS = frozenset({"condition", "timeframe"})

_DEPTH_MAX = 12
_CONDITION_CHARS_MAX: Final = 4000
_BRACKETS_DEPTH_MAX: Final = 50
"""How long and how deep a condition may be. Origin: ours; a published rule has some hundred characters and three
brackets, and the parser's time grows with the square of either."""

_SIGMA_KEYS = {
    "title", "id", "name", "status", "description", "references", "author", "date", "modified", "tags", "logsource",
    "detection", "falsepositives", "level", "license", "related", "fields", "taxonomy", "scope",
}  # fmt: skip
OWN_KEYS = {"layer", "cause", "fact", "value", "confidence", "examples"}
"""What a rule says beyond Sigma."""


def read(path: Path, name: str = "", *, trusted: bool = False) -> Signature:
    """The signature in the file. Raises SignatureError with the file, by its `name`, and the line."""
    return parse(contents(path, name), path, name, trusted=trusted)


def parse(data: bytes, path: Path, name: str = "", *, trusted: bool = False) -> Signature:
    """The signature in a file with these bytes. Raises as `read`.

    A `trusted` one is of this release: that it is harmless YAML and that its expressions can be compiled is shown by
    the tests, not in each run, and the line of a fault in it is not known.
    """
    lines: dict[str, int] = {}
    try:
        document = _own_document(data) if trusted else _document(data, lines)
        return _build(path, document, lines)
    except SignatureError as error:
        error.path = name or path.name
        error.line = error.line or 1
        raise


def _own_document(data: bytes) -> dict[str, Any]:
    try:
        document: dict[str, Any] = yaml.CSafeLoader(data).get_data()
    except yaml.YAMLError as error:
        message = "not valid YAML"
        raise SignatureError(message) from error
    return document


def _document(data: bytes, lines: dict[str, int]) -> dict[str, Any]:
    if len(data) > SIZE_BYTES_MAX:
        message = f"larger than {SIZE_BYTES_MAX // 1024} KiB"
        raise SignatureError(message, line=1)
    try:
        for event in yaml.parse(data, Loader=yaml.CSafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                message = "YAML aliases are not allowed in a signature"
                raise SignatureError(message, line=line)
            if getattr(event, "tag", None) is not None:
                message = "YAML tags are not allowed in a signature"
                raise SignatureError(message, line=line)
        node = yaml.compose(data, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = f"not valid YAML: {getattr(error, 'problem', None) or 'unreadable'}"
        raise SignatureError(message, line=mark.line + 1 if mark else 1) from error
    except (RecursionError, ValueError, UnicodeDecodeError) as error:
        message = "not valid YAML"
        raise SignatureError(message, line=1) from error
    if not isinstance(node, yaml.MappingNode):
        message = "a signature is a YAML mapping"
        raise SignatureError(message, line=1)
    for key, line in _keys(node, "", 0):
        if key in lines:
            message = f"the key {key.rpartition('/')[2]!r} stands twice"
            raise SignatureError(message, line=line)
        lines[key] = line
    try:
        document: dict[str, Any] = yaml.CSafeLoader(data).get_data()
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # A date that cannot be, a number that is none.
        message = f"a value that is not what it looks like: {getattr(error, 'problem', None) or error}"
        raise SignatureError(message, line=1) from error
    return document


def _keys(node: yaml.Node, prefix: str, depth: int) -> Iterator[tuple[str, int]]:
    if depth > _DEPTH_MAX:
        message = "nested too deeply"
        raise SignatureError(message, line=node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                message = "a key is one word, not a mapping or a list"
                raise SignatureError(message, line=key.start_mark.line + 1)
            path = f"{prefix}/{key.value}"
            yield path, key.start_mark.line + 1
            yield from _keys(value, path, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield f"{prefix}/{number}", value.start_mark.line + 1
            yield from _keys(value, f"{prefix}/{number}", depth + 1)


def _build(path: Path, document: dict[str, Any], lines: dict[str, int]) -> Signature:
    for key in document:
        if key not in _SIGMA_KEYS | OWN_KEYS:
            message = f"unknown key {key!r}"
            raise SignatureError(
                message, line=lines.get(f"/{key}"), hint="See docs/adding-a-signature.md for the keys."
            )
    _check_detection(document, lines)
    if "layer" not in document and "fact" not in document:
        message = "says neither `layer` nor `fact`, so its matches would mean nothing"
        raise SignatureError(message, line=1, hint="Add `layer: L0` to `L7`, the layer that the message proves.")
    _check_condition(document, lines)
    rule = None
    try:
        rule = SigmaRule.from_dict(document)
        (parsed,) = (each.parsed for each in rule.detection.parsed_condition)
    except (SigmaError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        message = f"not a valid Sigma rule: {error}"
        blamed = lines.get("/detection/condition") if rule else _blame(str(error), lines)
        raise SignatureError(message, line=blamed) from error
    asked, anchors = _compile(parsed, lines)
    layer = str(document.get("layer") or "")
    if layer and layer not in LAYERS:
        message = f"unknown layer {layer!r}"
        raise SignatureError(message, line=lines.get("/layer"), hint=f"One of {', '.join(LAYERS)}.")
    level = rule.level.name.lower() if rule.level else "medium"
    confidence = document.get("confidence", CONFIDENCE[level])
    if not isinstance(confidence, int) or isinstance(confidence, bool) or not 0 <= confidence <= 100:
        message = "confidence is a whole number from 0 to 100"
        raise SignatureError(message, line=lines.get("/confidence"))
    fields = {key.partition("|")[0] for each in document["detection"].values() for key in _field_names(each)}
    return Signature(
        id=path.stem,
        title=rule.title,
        file=str(path),
        fact=str(document.get("fact") or "error"),
        layer=layer,
        cause=str(document.get("cause") or ""),
        level=level,
        confidence=confidence,
        description=rule.description or "",
        references=tuple(str(each) for each in rule.references),
        examples=_examples(document, lines),
        anchors=anchors,
        asked=asked,
        told=_told(document, lines),
        everywhere=bool(fields & {"process", "subsystem"}),
    )


def _check_detection(document: dict[str, Any], lines: dict[str, int]) -> None:
    """Raise SignatureError, with the line, for fields, modifiers and expressions that a signature may not use."""
    size = 0
    for key, line in lines.items():
        parts = key.split("/")
        if parts[1:2] != ["detection"] or len(parts) < _FIELD_DEPTH:
            continue
        field, *modifiers = next((part for part in parts[:2:-1] if not part.isdigit()), "").split("|")
        if len(parts) > _FIELD_DEPTH - 1 and not parts[-1].isdigit() and parts[2] not in _DETECTION_WORDS:
            for modifier in modifiers:
                if modifier not in MODIFIERS:
                    message = f"unknown modifier {modifier!r}"
                    raise SignatureError(message, line=line, hint=f"Use {', '.join(sorted(MODIFIERS))}.")
            if field and field not in condition.FIELDS:
                message = f"unknown field {field!r}"
                raise SignatureError(message, line=line, hint=f"Log records have {', '.join(condition.FIELDS)}.")
        value = _at(document, key)
        if "re" in modifiers and isinstance(value, str):
            try:
                condition.check_regex(value)
                size = condition.check_size(value, size)
                caseless, multiline, dotall = (flag in modifiers for flag in "ims")
                predicate.linear(value, caseless=caseless, dotall=dotall, multiline=multiline)
            except SignatureError as error:
                error.line = line
                raise


def _check_condition(document: dict[str, Any], lines: dict[str, int]) -> None:
    """Raise SignatureError, with the line, for a condition that would take long to parse."""
    said = _at(document, "/detection/condition")
    for text in map(str, said if isinstance(said, list) else [said]):
        message = ""
        if len(text) > _CONDITION_CHARS_MAX:
            message = f"the condition is longer than {_CONDITION_CHARS_MAX:,} characters"
        elif max(accumulate((char == "(") - (char == ")") for char in text), default=0) > _BRACKETS_DEPTH_MAX:
            message = f"the condition has more than {_BRACKETS_DEPTH_MAX} brackets inside each other"
        if message:
            raise SignatureError(message, line=lines.get("/detection/condition"))


def _compile(parsed: Any, lines: dict[str, int]) -> tuple[predicate.Predicate, condition.Anchors]:
    try:
        asked, anchors = condition.build(parsed)
        predicate.as_test(asked)
    except SignatureError as error:
        error.line = lines.get("/detection")
        raise
    if not anchors:
        message = f"fixes no text of {condition.ANCHOR_LENGTH_MIN} characters in the message"
        hint = "Without one every line of every log would have to be parsed; add a `contains` or `startswith`."
        raise SignatureError(message, hint=hint, line=lines.get("/detection/condition"))
    return asked, anchors


def _field_names(detection: Any) -> Iterator[str]:
    if isinstance(detection, dict):
        yield from (str(key) for key in detection)
    elif isinstance(detection, list):
        for each in detection:
            yield from _field_names(each)


def _told(document: dict[str, Any], lines: dict[str, int]) -> str:
    pattern = document.get("value")
    if pattern is None:
        return ""
    try:
        condition.check_regex(str(pattern))
        if str(pattern).count("*") + str(pattern).count("+") > 3:  # Each more is a power of the line's length.
            message = "`value` has more than three repeats without bound"
            raise SignatureError(message)
        return str(pattern)
    except SignatureError as error:
        error.line = lines.get("/value")
        raise


def _examples(document: dict[str, Any], lines: dict[str, int]) -> tuple[Example, ...]:
    examples = document.get("examples") or {}
    try:
        return tuple(
            Example(
                message=str(each["message"]) if isinstance(each, dict) else str(each),
                matches=matches,
                process=str(each.get("process", "")) if isinstance(each, dict) else "",
                value=str(each["value"]) if isinstance(each, dict) and "value" in each else None,
            )
            for key, matches in (("match", True), ("no_match", False))
            for each in examples.get(key) or ()
        )
    except (KeyError, TypeError, AttributeError) as error:
        message = "examples are lists `match` and `no_match` of messages"
        raise SignatureError(message, line=lines.get("/examples")) from error


def _blame(text: str, lines: dict[str, int]) -> int | None:
    """The line of the deepest key that an error names."""
    if "not defined in detections" in text or "condition" in text.casefold():
        return lines.get("/detection/condition") or lines.get("/detection")
    named = [line for key, line in lines.items() if (name := key.rpartition("/")[2]) and len(name) > 2 and name in text]
    if (modifier := re.search(r"modifier '?(\w+)", text)) and not named:
        named = [line for key, line in lines.items() if f"|{modifier[1]}" in key]
    return named[-1] if named else lines.get("/detection")


def _at(document: Any, path: str) -> Any:
    for part in path.strip("/").split("/"):
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return None
    return document
