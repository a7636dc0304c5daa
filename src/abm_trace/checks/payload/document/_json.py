"""JSON documents with the type and the line of every value."""

import codecs
import re
from bisect import bisect_right
from typing import Final

import msgspec

from abm_trace.checks.payload.document._node import DEPTH_MAX, NODES_MAX, DocumentError, Node, Parsed, path_of
from abm_trace.core.values import too_many

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_LITERALS: Final = {"true": True, "false": False}
_BYTES_MAX: Final = 4 * 1024 * 1024
"""The largest JSON that is read. Origin: ours; a DEP profile with 1,000 serials has some 20 KiB."""

_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BYTE: Final = re.compile(r"byte (\d+)")


def read_json(data: bytes) -> Parsed:
    """The document; it is strict JSON in UTF-8. Raises DocumentError."""
    text = _strict(data)
    starts = [0, *(found.end() for found in re.finditer(r"\n", text))]
    root = Node("null", None)
    open_: list[Node] = []
    keys: list[tuple[str, int] | None] = []
    parsed = Parsed(root)
    left = NODES_MAX
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word in {",", ":"}:
            continue
        line = bisect_right(starts, token.start())
        if word in {"}", "]"}:
            open_.pop()
            keys.pop()
            continue
        if open_ and open_[-1].kind == "dictionary" and keys[-1] is None:
            key: str = msgspec.json.decode(word)
            if key in open_[-1].items:
                parsed.repeated.append((path_of(open_, key), line))
            keys[-1] = key, line
            continue
        left -= 1
        if left < 0 or len(open_) > DEPTH_MAX:
            raise DocumentError("the JSON is nested too deeply, or has too many values", line=line)
        node = _node(word)
        if not open_:
            parsed.root = node
            node.line = line
        elif (name := keys[-1]) is not None:
            open_[-1].items[name[0]] = node
            node.line = name[1]
            keys[-1] = None
        else:
            open_[-1].members.append(node)
            node.line = line
        if word in {"{", "["}:
            open_.append(node)
            keys.append(None)
    return parsed


def _strict(data: bytes) -> str:
    """The text, which is known to be JSON from here on."""
    try:
        if len(data) > _BYTES_MAX:
            raise DocumentError(f"JSON of {len(data):,} bytes is too large to be a profile", rule="payload-too-large")
        if data.startswith(_MARKS):
            raise DocumentError("it begins with a byte order mark: save it as UTF-8 without one (RFC 8259)", line=1)
        if too_many(data):
            raise DocumentError("the JSON has too many values to be a profile")
        msgspec.json.decode(data)
        return data.decode("utf-8")
    except RecursionError as error:
        raise DocumentError("the JSON is nested too deeply") from error
    except msgspec.DecodeError as error:
        found = _BYTE.search(str(error))
        line = data.count(b"\n", 0, int(found[1])) + 1 if found else None
        raise DocumentError(f"the JSON is damaged: {error}", line=line) from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError("the JSON is damaged: it is not in UTF-8", line=line) from error


def _node(word: str) -> Node:
    if word == "{":
        return Node("dictionary", {})
    if word == "[":
        return Node("array", [])
    if word.startswith('"'):
        return Node("string", msgspec.json.decode(word, type=str))
    if word in _LITERALS:
        return Node("boolean", _LITERALS[word])
    if word == "null":
        return Node("null", None)
    whole = word.lstrip("-").isdigit() and len(word) < 40
    return Node("integer", int(word)) if whole else Node("real", float(word))
