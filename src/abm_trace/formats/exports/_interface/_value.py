"""One JSON object: decoded strictly and quickly, or, where that fails, patiently and with its flaws named."""

import json
import re
from math import isfinite

import msgspec

from abm_trace.core.values import TOO_MANY, VALUES_MAX, too_many

NESTED_MAX = 64
"""How deep the values of a record may lie in each other. Origin: ours; those of all products stay below 10."""
OTHERWISE = " with another value"
"""What is added where the values of a repeated key differ."""
_DIGITS_MAX = 4000  # int() refuses more than 4,300.
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECODE = msgspec.json.Decoder().decode
_BLANK_BEFORE_COLON = re.compile(rb"[ \t\r\n]:")
# A string as a whole, so that brackets inside it do not count; else a bracket.
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


def json_object(raw: str) -> dict[str, object] | None:
    """The JSON object in a text; None where it holds something else."""
    try:
        return read_object(raw.encode("utf-8", "replace"))[0]
    except ValueError:
        return None


def read_object(data: bytes, start: int = 0, end: int | None = None) -> tuple[dict[str, object], list[str]]:
    """The object in these bytes, and what of it cannot be used; raises ValueError for what is no object, or too large.

    Counting the keys is the cheap half of looking for repeated ones: only where there are more of them in the bytes
    than were decoded, or where the strict decoder refuses, the object is read again by the patient one.
    """
    end = len(data) if end is None else end
    if end - start > VALUES_MAX and too_many(data, start, end):
        raise ValueError(TOO_MANY)
    try:
        fields = _DECODE(data if end - start == len(data) else memoryview(data)[start:end])  # It may be most of it.
    except (ValueError, RecursionError) as error:
        try:
            return _patient(data[start:end])
        except ValueError:
            raise ValueError(str(error)) from None
    if not isinstance(fields, dict):
        raise ValueError("no object")  # noqa: TRY004 - foreign bytes, not a caller's mistake.
    flat = data.count(b"{", start, end) == 1  # Then no other object is in it, and most rows are so.
    keys = len(fields) if flat else _keys(fields)
    find = data.find
    # Single bytes are found many times faster than pairs, and a compact record has none of these.
    blank = (
        find(b" ", start, end) >= 0
        or find(b"\n", start, end) >= 0
        or find(b"\t", start, end) >= 0
        or find(b"\r", start, end) >= 0
    )
    if _ends_of_keys(data, start, end) == keys and not (blank and _BLANK_BEFORE_COLON.search(data, start, end)):
        return fields, []
    cleaned, flaws = _patient(data[start:end])
    return (cleaned if flaws else fields), flaws


def _ends_of_keys(data: bytes, start: int, end: int) -> int:
    """How many keys end there, where no blank stands before a colon; -1 where that cannot be told.

    A quote inside of a text has a backslash before it. So has the end of a key that itself ends in one.
    """
    ends = data.count(b'":', start, end)
    if data.find(b"\\", start, end) < 0:
        return ends
    return -1 if data.find(b'\\\\":', start, end) >= 0 else ends - data.count(b'\\":', start, end)


def _keys(fields: dict[str, object]) -> int:
    """How many keys an object and all that are in it have."""
    count = 0
    waiting: list[object] = [fields]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            count += len(value)
            waiting += [each for each in value.values() if isinstance(each, dict | list)]
        elif isinstance(value, list):
            waiting += [each for each in value if isinstance(each, dict | list)]
    return count


def _patient(raw: bytes) -> tuple[dict[str, object], list[str]]:
    """The object in `raw` without what no record can mean: numbers that are none, values nested too deeply, halves of
    characters, and keys that are given twice with different values; and the list of these. Raises ValueError.
    """
    flaws: dict[str, None] = {}

    def flaw(what: str) -> None:
        flaws[what] = None

    def pairs(members: list[tuple[str, object]]) -> dict[str, object]:
        members = [(name, whole(value)) for name, value in members]
        seen = dict(members)
        if len(seen) < len(members):
            met: dict[str, object] = {}
            for name, value in members:
                if name in met:
                    flaw(key_repeated(name) + ("" if met[name] == value else OTHERWISE))
                    if met[name] != value:
                        seen[name] = None  # The record still shows that it has the key.
                met[name] = value
        return seen

    def whole(value: object) -> object:
        if isinstance(value, str) and _SURROGATE.search(value):
            flaw("half a character stands in a text")
            return _SURROGATE.sub("\ufffd", value)
        return value

    def number(text: str) -> object:
        if len(text) <= _DIGITS_MAX and text.lstrip("-").isdecimal():
            return int(text)
        if isfinite(value := float(text)):
            return value
        flaw(f"{text[:40]} is no number")
        return None

    text = raw.decode("utf-8", "replace")
    if "\ufffd" in text and not _is_utf8(raw):
        flaw("its wrong bytes are no UTF-8 and were replaced")
    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_int=number, parse_float=number, parse_constant=number)
    try:
        try:
            value = decoder.decode(text)
        except RecursionError:
            flaw("a value is nested too deeply")
            value = decoder.decode(_flat(text))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004 - foreign bytes, not a caller's mistake.
    return value, list(flaws)


def key_repeated(name: str) -> str:
    """How it is named that an object has a key more than once."""
    return f"the key {name[:60]!r} is repeated"


def _flat(text: str) -> str:
    """The JSON text with null for each value that is nested deeper than NESTED_MAX."""
    kept: list[str] = []
    depth = start = 0
    for match in _BRACKETS.finditer(text):
        sign = text[match.start()]
        if sign in "[{":
            depth += 1
            if depth == NESTED_MAX:
                kept += (text[start : match.start()], "null")
        elif sign in "]}":
            if depth == NESTED_MAX:
                start = match.end()
            depth -= 1
    return "".join([*kept, text[start:]]) if depth < NESTED_MAX else ""


def too_deep(data: bytes) -> int | None:
    """Where the first value begins that is nested deeper than NESTED_MAX; None where none is.

    What is not deep is known by taking away pairs of brackets, quickly: of an archive, 10,000 members may be asked.
    """
    brackets, rounds = data.translate(None, _NO_BRACKETS), 0
    while rounds < NESTED_MAX and len(fewer := brackets.replace(b"[]", b"").replace(b"{}", b"")) < len(brackets):
        brackets, rounds = fewer, rounds + 1
    if 2 * rounds + len(brackets) <= NESTED_MAX:
        return None
    depth = 0
    text = data.decode("latin-1")
    for match in _BRACKETS.finditer(text):
        sign = text[match.start()]
        depth += (sign in "[{") - (sign in "]}")
        if depth > NESTED_MAX:
            return match.start()
    return None


_NO_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))


def _is_utf8(raw: bytes) -> bool:
    """Whether these bytes are UTF-8."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_object(raw: bytes) -> bool:
    """Whether these bytes are a whole JSON object."""
    try:
        read_object(raw.strip())
    except ValueError:
        return False
    return True


def value_end(text: str, at: int) -> int | None:
    """Where the object or list at `at` ends, however deep it is; None where it does not end."""
    depth = 0
    for match in _BRACKETS.finditer(text, at):
        sign = text[match.start()]
        depth += (sign in "[{") - (sign in "]}")
        if not depth:
            return match.end()
    return None
