"""What a Sigma condition asks of one log record, and the fixed texts without which it cannot hold.

The texts ("anchors") are what the scan looks for: a record is tested only where one of them stands in its line, so a
rule that fixes no text of four characters would need every line and is refused.
"""

import re
import warnings
from collections.abc import Mapping
from functools import lru_cache
from re import _constants as sre_constants  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any, Final

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import SigmaCasedString, SigmaNumber, SigmaRegularExpression, SigmaString, SpecialChars

from abm_trace.signatures._error import SignatureError
from abm_trace.signatures.predicate import MANY, ONE, Every, Expression, Not, Predicate, Some, Text

FIELDS: Final = ("message", "process", "subsystem", "category", "level")
ANCHOR_LENGTH_MIN: Final = 4
REGEX_LENGTH_MAX: Final = 1000
REGEX_SIZE_MAX: Final = 4000
RULE_SIZE_MAX: Final = 8000
"""How long an expression, and those of a rule that have counted repeats, may be with these written out, as `_size`
counts. Origin: measured; `.{1,500}x` takes 2 s to compile, `.{1,1000}x` 16 s, `((a{1000}){1000}){1000}` 1.7 GB."""

_WIDE: Final = 8
"""What a place costs where any character may stand, against one of ASCII: UTF-8 has eight forms. Origin: measured."""

Anchors = frozenset[tuple[str, bool]]
"""Alternatives: (text, whether its case counts). One of them stands in each line that the condition can hold for."""

_INLINE_FLAGS = re.compile(r"\(\?([a-zA-Z]+)[-:)]")
_ESCAPED_BY_JSON = re.compile(r"[^ !#-%(-*,-.0-;?-\[\]-~]+")
"""What JSON has another form for, with `& ' + < = >`, of which some writers make `\u003d` (Gson, encoders for HTML)."""


def build(node: Any) -> tuple[Predicate, Anchors | None]:
    """What a parsed condition asks and its anchors; None for "could stand in any line".

    Raises SignatureError for what a linear scan cannot do or a log record does not have.
    """
    if isinstance(node, ConditionAND):
        asked, anchors = _children(node)
        known = [each for each in anchors if each]
        return Every(asked), max(known, key=_worth, default=None)
    if isinstance(node, ConditionOR):
        asked, anchors = _children(node)
        every = None if any(each is None for each in anchors) else frozenset().union(*(each or () for each in anchors))
        return Some(asked), every
    if isinstance(node, ConditionNOT):
        (only,), _ = _children(node)
        return Not(only), None
    if isinstance(node, ConditionFieldEqualsValueExpression):
        if node.field not in FIELDS:
            message = f"unknown field {node.field!r}"
            raise SignatureError(message, hint=f"Log records have {', '.join(FIELDS)}.")
        return _leaf(node.field, node.value)
    if isinstance(node, ConditionValueExpression):
        return _keyword(node.value)
    message = f"this condition is not supported: {type(node).__name__}"
    raise SignatureError(message)


def _children(node: ConditionItem) -> tuple[tuple[Predicate, ...], list[Anchors | None]]:
    built = [build(child) for child in node.args]
    return tuple(asked for asked, _ in built), [anchors for _, anchors in built]


def _worth(anchors: Anchors) -> tuple[int, int]:
    return min(len(text) for text, _ in anchors), -len(anchors)


def _keyword(value: Any) -> tuple[Predicate, Anchors | None]:
    """A keyword stands anywhere in the message."""
    if isinstance(value, SigmaString):
        anywhere = type(value)("")
        anywhere.s = [SpecialChars.WILDCARD_MULTI, *value.s, SpecialChars.WILDCARD_MULTI]
        value = anywhere
    return _leaf("message", value)


_WILDCARDS: Final[Mapping[object, int]] = {SpecialChars.WILDCARD_MULTI: MANY, SpecialChars.WILDCARD_SINGLE: ONE}


def _leaf(field: str, value: Any) -> tuple[Predicate, Anchors | None]:
    if isinstance(value, SigmaRegularExpression):
        return _regex(field, str(value.regexp), {flag.name for flag in value.flags})
    if isinstance(value, SigmaNumber):
        return Text(field, (str(value.number),), cased=True), None
    if not isinstance(value, SigmaString):
        message = f"values of type {type(value).__name__} cannot be matched against a log record"
        raise SignatureError(message)
    cased = isinstance(value, SigmaCasedString)
    texts = [part for part in value.s if isinstance(part, str)]
    parts = tuple((part if cased else part.lower()) if isinstance(part, str) else _WILDCARDS[part] for part in value.s)
    anchors = anchors_of(texts, cased=cased) if field in {"message", "process"} else None
    return Text(field, parts, cased), anchors


def _regex(field: str, pattern: str, flags: set[str]) -> tuple[Predicate, Anchors | None]:
    check_regex(pattern)
    caseless, dotall, multiline = (flag in flags for flag in ("IGNORECASE", "DOTALL", "MULTILINE"))
    cased = not caseless and not _ignores_case(pattern)
    return Expression(field, pattern, caseless, dotall, multiline), anchors_of(regex_literals(pattern), cased=cased)


def anchors_of(texts: list[str], *, cased: bool) -> Anchors | None:
    """The longest piece of `texts` that stands in a raw line as it is written, also in a line of JSON."""
    pieces = [piece for text in texts for piece in _ESCAPED_BY_JSON.split(text)]
    best = max(pieces, key=len, default="")
    return frozenset({(best, cased)}) if len(best) >= ANCHOR_LENGTH_MIN else None


@lru_cache(maxsize=4096)
def _nodes(pattern: str) -> Any:
    return sre_parser.parse(pattern)


@lru_cache(maxsize=4096)
def check_regex(pattern: str) -> None:
    """Raise SignatureError for look-around, back-references, nested repeats without bound, or a pattern too long.

    So too for what Python warns of: a set in a set, such as `[[a]`.
    """
    if len(pattern) > REGEX_LENGTH_MAX:
        message = f"the expression is longer than {REGEX_LENGTH_MAX} characters"
        raise SignatureError(message)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            _check_nodes(_nodes(pattern), inside_repeat=False)
    except FutureWarning as error:
        message = f"the expression will mean something else in a later Python: {error}"
        hint = "Put a backslash before each `[`, `-`, `&`, `~` or `|` that a set has for itself."
        raise SignatureError(message, hint=hint) from error
    except (re.error, OverflowError, RecursionError) as error:
        message = f"the expression is not valid: {error}"
        raise SignatureError(message) from error


def check_size(pattern: str, others: int = 0) -> int:
    """How long a rule's expressions with counted repeats are written out: `others`, and this one, which was checked.

    Raises SignatureError where they take too long to be compiled.
    """
    size = _size(_nodes(pattern))
    every = others + (size if size > _WIDE * len(pattern) else 0)
    for length, most, what in ((size, REGEX_SIZE_MAX, "it is"), (every, RULE_SIZE_MAX, "those of the rule are")):
        if length > most:
            said = f"{length:,}" if length < 10**12 else "10^12 or more"
            message = f"too many counted repeats: written out {what} {said} characters long, of {most:,} at most"
            raise SignatureError(message, hint="Give the repeats smaller counts, or none: `.*` is short.")
    return every


def _size(nodes: Any) -> int:
    """How many characters long a parsed expression is with its counted repeats written out."""
    size = 0
    for op, value in nodes:
        match str(op):
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, inner = value
                count = least if most == sre_constants.MAXREPEAT else most
                size += max(1, count) * max(1, _size(inner))
            case "SUBPATTERN":
                size += _size(value[3])
            case "BRANCH":
                size += sum(_size(branch) for branch in value[1])
            case name:
                size += _WIDE if name in {"ANY", "NOT_LITERAL"} or (name == "IN" and _is_wide(value)) else 1
    return size


def _is_wide(members: Any) -> bool:
    """Whether characters beyond ASCII stand in a set."""
    return any(
        str(op) == "NEGATE" or "_NOT_" in str(value) or (str(op) == "RANGE" and value[1] > 127) for op, value in members
    )


def _check_nodes(nodes: Any, *, inside_repeat: bool) -> None:
    for op, value in nodes:
        name = str(op)
        if name in {"ASSERT", "ASSERT_NOT", "GROUPREF", "GROUPREF_EXISTS", "ATOMIC_GROUP", "POSSESSIVE_REPEAT"}:
            kind = "a back-reference" if name.startswith("GROUPREF") else "look-around"
            message = f"{kind} cannot be matched in linear time"
            raise SignatureError(message, hint="Write the expression without it.")
        if name in {"MAX_REPEAT", "MIN_REPEAT"}:
            unbounded = value[1] == sre_constants.MAXREPEAT
            if unbounded and inside_repeat:
                message = "a repeat without bound inside another one cannot be matched in bounded time"
                raise SignatureError(message, hint="Give the inner or the outer repeat a bound, as in {1,20}.")
            _check_nodes(value[2], inside_repeat=inside_repeat or value[1] > 1)
        elif name == "SUBPATTERN":
            _check_nodes(value[3], inside_repeat=inside_repeat)
        elif name == "BRANCH":
            for branch in value[1]:
                _check_nodes(branch, inside_repeat=inside_repeat)


def _ignores_case(pattern: str) -> bool:
    """Whether a flag inside the expression, such as `(?i)`, lets the case of some of its letters not count."""
    return any("i" in flags for flags in _INLINE_FLAGS.findall(pattern))


@lru_cache(maxsize=4096)
def regex_literals(pattern: str) -> list[str]:
    """The fixed texts that every match of `pattern` holds."""
    texts, run = [], ""
    for op, value in _nodes(pattern):
        if str(op) == "LITERAL":
            run += chr(value)
            continue
        texts.append(run)
        run = ""
        if str(op) == "SUBPATTERN" and all(str(inner) == "LITERAL" for inner, _ in value[3]):
            run = "".join(chr(code) for _, code in value[3])
    return [*texts, run]
