"""XML property lists of unknown origin, with the type and the line of every value."""

import binascii
import re
from collections.abc import Callable
from typing import Final
from xml.parsers import expat

from abm_trace.checks.payload.document._node import DEPTH_MAX, NODES_MAX, DocumentError, Node, Parsed, path_of

_TEXTS: Final = frozenset({"key", "string", "integer", "real", "date", "data"})
_INTEGER: Final = re.compile(r"\s*([+-]?)(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})\s*\Z")
# Devices take blanks before the declaration, which XML forbids; without it they are allowed.
_INDENTED: Final = re.compile(rb"\A[ \t\r\n]+<\?xml[^>]{0,200}\?>")
_DATE: Final = re.compile(r"\s*[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z\s*\Z")
_REALS: Final = re.compile(
    r"\s*[+-]?([0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,4})?|\.[0-9]{1,40}|inf|infinity|nan)\s*\Z", re.IGNORECASE
)


def read_xml(data: bytes) -> Parsed:
    """The property list; an entity that is declared is refused, nothing is ever fetched. Raises DocumentError."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    reader = _Reader(parser)
    handlers: dict[str, Callable[..., None]] = {
        "StartElementHandler": reader.start,
        "EndElementHandler": reader.end,
        "CharacterDataHandler": reader.texts.append,
        "EntityDeclHandler": reader.refuse,
    }
    for name, handler in handlers.items():
        setattr(parser, name, handler)
    trailing = ""
    try:
        parser.Parse(_INDENTED.sub(_blank, data, 1), True)  # noqa: FBT003  # expat takes it by position.
    except (expat.ExpatError, LookupError, ValueError) as error:
        if not reader.ended:
            at = parser.ErrorLineNumber if isinstance(error, expat.ExpatError) else None
            raise DocumentError(f"the XML is damaged: {error}", line=at) from error
        trailing = "something else follows the property list"
    if not reader.roots:
        raise DocumentError("the property list is empty")
    return Parsed(reader.roots[0], trailing, reader.repeated)


def _blank(found: re.Match[bytes]) -> bytes:
    return re.sub(rb"[^\r\n]", b" ", found[0])


class _Reader:
    """Takes expat's events and builds the values, with a stack of its own."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.roots: list[Node] = []
        self.repeated: list[tuple[str, int | None]] = []
        self.ended = False
        self.texts: list[str] = []
        self._parser = parser
        self._left = NODES_MAX
        self._open: list[Node] = []
        self._keys: list[str | None] = []
        self._line = 0
        self._depth = 0

    def start(self, name: str, _: dict[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        self._left -= 1
        if self._left < 0 or self._depth > DEPTH_MAX:
            raise self._wrong("it is nested too deeply, or has too many values")
        if (self._depth == 1) != (name == "plist"):
            raise self._wrong("the XML is no property list")
        if name in _TEXTS:
            self.texts.clear()
            if name == "key" or not self._keys or self._keys[-1] is None:
                self._line = self._parser.CurrentLineNumber
        elif name in {"dict", "array"}:
            node = Node("dictionary", {}) if name == "dict" else Node("array", [])
            self._add(node)
            self._open.append(node)
            self._keys.append(None)

    def end(self, name: str) -> None:
        """An element ends."""
        self._depth -= 1
        if name in _TEXTS:
            text = "".join(self.texts)
            self.texts.clear()
            if name == "key":
                self._key(text)
            else:
                self._add(self._value(name, text))
        elif name in {"dict", "array"}:
            if self._keys.pop() is not None:
                raise self._wrong("a key has no value")
            self._open.pop()
        elif name in {"true", "false"}:
            self._add(Node("boolean", name == "true"))
        elif name == "plist":
            self.ended = True
        else:
            raise self._wrong(f"it holds the element {name[:40]!r}, which no property list has")

    def refuse(self, *_: object) -> None:
        """An entity is declared."""
        raise self._wrong("it declares entities, which no property list needs and bombs are made of")

    def _key(self, text: str) -> None:
        if not self._open or self._open[-1].kind != "dictionary" or self._keys[-1] is not None:
            raise self._wrong("a key stands where none can be")
        if text in self._open[-1].items:
            self.repeated.append((path_of(self._open, text), self._parser.CurrentLineNumber))
        self._keys[-1] = text

    def _add(self, node: Node) -> None:
        """Put a value where it belongs: the open list or dictionary, or the root."""
        if not self._open:
            node.line = self._parser.CurrentLineNumber
            if self.roots:
                raise self._wrong("it has more than one root")
            self.roots.append(node)
            return
        parent = self._open[-1].value
        if isinstance(parent, dict):
            key = self._keys[-1]
            if key is None:
                raise self._wrong("a value has no key")
            node.line = self._line
            parent[key] = node
            self._keys[-1] = None
        else:
            node.line = self._parser.CurrentLineNumber
            self._open[-1].members.append(node)

    def _value(self, name: str, text: str) -> Node:
        """The value of an element of text, by its name."""
        if name == "string":
            return Node("string", text)
        if name == "integer":
            if found := _INTEGER.match(text):
                return Node("integer", int(found[1] + found[2], 16 if found[2][1:2] in {"x", "X"} else 10))
            raise self._wrong("an <integer> holds no whole number")
        if name == "data":
            try:
                return Node("data", binascii.a2b_base64(text))
            except ValueError as error:  # Also what is no ASCII.
                raise self._wrong("a <data> holds no base64") from error
        if name == "date":
            if _DATE.match(text):
                return Node("date", text.strip())
            raise self._wrong("a <date> holds no date like 2026-05-17T08:47:12Z")
        if _REALS.match(text):
            return Node("real", float(text))
        raise self._wrong("a <real> holds no number")

    def _wrong(self, message: str) -> DocumentError:
        return DocumentError(message, line=self._parser.CurrentLineNumber)
