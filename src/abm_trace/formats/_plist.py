"""Property lists, XML and binary, of unknown origin: our own readers, because the standard library's allocate what a
file claims, copy what it points to many times, and leak errors of a dozen types.

Only what is asked of them is kept: dictionaries, lists, and texts (numbers and booleans as text; dates and data as
None). Profiles, check-in messages and what webhooks carry are read with it.
"""

from collections.abc import Callable
from xml.parsers import expat

from abm_trace.core.bplist import TRAILER, end_of
from abm_trace.formats._interface import FormatError

Node = str | dict[str, "Node"] | list["Node"] | None

_NODES_MAX = 200_000
_TEXT_BYTES_MAX = 16 * 1024 * 1024
_DEPTH_MAX = 64
_TEXTS = frozenset({"key", "string", "integer", "real"})
_EMPTY = frozenset({"true", "false", "date", "data"})
A_TEXT = "a text"
_A_NUMBER = "a number"
_TAGS = {
    "dict": "a dictionary", "array": "a list", "integer": _A_NUMBER, "real": _A_NUMBER, "true": "a boolean",
    "false": "a boolean", "date": "a date", "data": "data", "string": A_TEXT,
}  # fmt: skip
_MARKERS = {
    0x0: "a boolean", 0x1: _A_NUMBER, 0x2: _A_NUMBER, 0x3: "a date", 0x4: "data", 0x5: A_TEXT, 0x6: A_TEXT,
    0xA: "a list", 0xC: "a list", 0xD: "a dictionary",
}  # fmt: skip


class Kinds:
    """Of what kind the values under some keys are, for a number as text passes for a text.

    `found` has it by the dictionary's id and the key, with its line (None in a binary list); the last value counts.
    """

    def __init__(self, *keys: str) -> None:
        self.keys = frozenset(keys)
        self.found: dict[tuple[int, str], tuple[str, int | None]] = {}


def parse_plist(data: bytes, *, nodes_max: int = _NODES_MAX, kinds: Kinds | None = None) -> tuple[Node, str]:
    """The root of a property list, and what was wrong with it ("" if nothing was); raises FormatError.

    `nodes_max` bounds the objects that are looked at; who reads many small lists sets it by their size. `kinds` is
    told of what kind the values under its keys are.
    """
    kinds = kinds or Kinds()
    if not data.startswith(b"bplist"):
        return _parse_xml(data, nodes_max, kinds)
    end = end_of(data)
    reader = _Binary(data[:end], nodes_max, kinds)
    trailing = f"{len(data) - end:,} bytes follow the property list" if end < len(data) else ""
    return reader.root(), trailing or _twice(reader.repeated)


def _twice(name: str) -> str:
    return f"the key {name[:60]!r} is given twice with different values, the last one was used" if name else ""


class _Binary:
    """Reads `bplist00`; every reference that is followed and every byte of text counts against a budget.

    From: https://opensource.apple.com/source/CF/CF-1153.18/CFBinaryPList.c
    """

    def __init__(self, data: bytes, nodes_max: int, kinds: Kinds) -> None:
        self._data = data
        self._kinds = kinds
        self.repeated = ""
        self._nodes = nodes_max
        self._bytes = min(_TEXT_BYTES_MAX, 64 * nodes_max + 64 * 1024)
        if not data.startswith(b"bplist0") or len(data) < 8 + TRAILER.size:
            raise FormatError("a binary property list is cut off, or of an unknown version")
        self._offset_size, self._ref_size, self._count, self._top, self._table = TRAILER.unpack(data[-TRAILER.size :])
        if (
            not (1 <= self._offset_size <= 8 and 1 <= self._ref_size <= 8)
            or self._table + self._count * self._offset_size > len(data) - TRAILER.size
        ):
            raise FormatError("a binary property list is cut off, or much follows it: it has no table of objects")

    def root(self) -> Node:
        """The top object."""
        return self._read(self._top, 0)

    def _read(self, ref: int, depth: int) -> Node:
        self._nodes -= 1
        if self._nodes < 0 or depth > _DEPTH_MAX:
            raise FormatError("a property list is nested too deeply, or refers to itself too often")
        if ref >= self._count:
            raise FormatError("a property list refers to an object that is not there")
        at = self._int(self._table + ref * self._offset_size, self._offset_size)
        marker = self._int(at, 1)
        kind, size = marker >> 4, marker & 0xF
        at += 1
        if kind in {0x0, 0x1}:
            return self._simple(marker, at)
        if kind in {0x5, 0x6, 0xA, 0xC, 0xD} and size == 0xF:
            width = 1 << (self._int(at, 1) & 0xF)
            size = self._int(at + 1, width)
            at += 1 + width
        match kind:
            case 0x5:
                return self._bytes_at(at, size).decode("latin-1")
            case 0x6:
                return self._bytes_at(at, 2 * size).decode("utf-16-be", "replace")
            case 0xA | 0xC:
                return [self._read(item, depth + 1) for item in self._refs(at, size)]
            case 0xD:
                refs = self._refs(at, 2 * size)
                names = [self._read(name, depth + 1) for name in refs[:size]]
                values = [self._read(value, depth + 1) for value in refs[size:]]
                found = self._dictionary(names, values)
                for name, value in zip(names, refs[size:], strict=True):
                    if isinstance(name, str) and name in self._kinds.keys:
                        marker = self._int(self._int(self._table + value * self._offset_size, self._offset_size), 1)
                        self._kinds.found[id(found), name] = _MARKERS.get(marker >> 4, "of no known kind"), None
                return found
            case _:
                return None

    def _dictionary(self, names: list[Node], values: list[Node]) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for name, value in zip(names, values, strict=True):
            if isinstance(name, str):
                if found.get(name, value) != value:
                    self.repeated = name
                found[name] = value
        return found

    def _simple(self, marker: int, at: int) -> Node:
        """A boolean or a whole number as text."""
        if marker in {0x08, 0x09}:
            return "true" if marker == 0x09 else "false"
        return str(self._int(at, 1 << (marker & 0xF))) if marker >> 4 == 1 else None

    def _refs(self, at: int, count: int) -> list[int]:
        """The references of a list or dictionary; their number is paid for before they are read."""
        self._nodes -= count
        if self._nodes < 0:
            raise FormatError("a property list claims more objects than are read")
        raw = self._bytes_at(at, count * self._ref_size)
        size = self._ref_size
        return [int.from_bytes(raw[index : index + size], "big") for index in range(0, len(raw), size)]

    def _bytes_at(self, at: int, size: int) -> bytes:
        self._bytes -= size
        if self._bytes < 0 or at + size > self._table:
            raise FormatError("a property list claims more bytes than it has")
        return self._data[at : at + size]

    def _int(self, at: int, size: int) -> int:
        if size > 16 or at + size > len(self._data):
            raise FormatError("a property list refers to bytes that are not there")
        return int.from_bytes(self._data[at : at + size], "big")


class _Xml:
    """Takes expat's events and builds the nodes, with a stack of its own."""

    def __init__(self, nodes_max: int, kinds: Kinds, parser: expat.XMLParserType) -> None:
        self._kinds = kinds
        self._parser = parser
        self._line = 0
        self.root: list[Node] = []
        self.repeated = ""
        self.ended = False
        self._nodes = nodes_max
        self._open: list[tuple[dict[str, Node] | list[Node], list[str]]] = []
        self._text: list[str] | None = None
        self._depth = 0

    def start(self, name: str, _: dict[str, str]) -> None:
        """An element begins."""
        self._nodes -= 1
        self._depth += 1
        self._line = self._parser.CurrentLineNumber
        if self._nodes < 0 or self._depth > _DEPTH_MAX:
            raise FormatError("a property list is nested too deeply, or too large")
        if (self._depth == 1) != (name == "plist"):
            raise FormatError("an XML file is no property list")
        if name in {"dict", "array"}:
            node: dict[str, Node] | list[Node] = {} if name == "dict" else []
            self._add(node, name)
            self._open.append((node, []))
        elif name in _TEXTS:
            self._text = []
        elif name not in _EMPTY and name != "plist":
            raise FormatError(f"a property list holds an unknown element: {name[:40]!r}")

    def text(self, text: str) -> None:
        """Characters between tags; they matter inside texts alone."""
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        self._depth -= 1
        text = "".join(self._text or ())
        if name in _TEXTS:
            self._text = None
        if name in {"dict", "array"}:
            self._open.pop()
        elif name == "key":
            if not self._open or isinstance(self._open[-1][0], list) or self._open[-1][1]:
                raise FormatError("a property list has a key where none can be")
            self._open[-1][1].append(text.strip())  # An editor may have laid the list out anew.
        elif name in _TEXTS:
            self._add(text, name)
        elif name in _EMPTY:
            self._add(name if name in {"true", "false"} else None, name)
        else:
            self.ended = True

    def _add(self, node: Node, tag: str) -> None:
        """Put a node of this element where it belongs: the open list or dictionary, or the root."""
        if not self._open:
            if self.root:
                raise FormatError("a property list has more than one root")
            self.root.append(node)
            return
        parent, key = self._open[-1]
        if isinstance(parent, list):
            parent.append(node)
        elif key:
            name = key.pop()
            if parent.get(name, node) != node:
                self.repeated = name
            parent[name] = node
            if name in self._kinds.keys:
                self._kinds.found[id(parent), name] = _TAGS[tag], self._line
        else:
            raise FormatError("a property list has a value without a key")


def _parse_xml(data: bytes, nodes_max: int, kinds: Kinds) -> tuple[Node, str]:
    """The root of an XML property list; a DTD that declares entities is refused, an external one never fetched."""
    # The content is UTF-8 by now, whatever a declaration of UTF-16 says.
    parser = expat.ParserCreate("utf-8" if b"utf-16" in data[:200].lower() else None)
    parser.buffer_text = True
    builder = _Xml(nodes_max, kinds, parser)
    handlers: dict[str, Callable[..., None]] = {
        "StartElementHandler": builder.start,
        "EndElementHandler": builder.end,
        "CharacterDataHandler": builder.text,
        "EntityDeclHandler": _refuse_entity,
    }
    for name, handler in handlers.items():
        setattr(parser, name, handler)
    trailing = ""
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position.
    except (expat.ExpatError, LookupError, ValueError) as error:
        if not builder.ended:
            line = error.lineno if isinstance(error, expat.ExpatError) else None
            raise FormatError(f"a property list is damaged: {error}", line=line) from error
        trailing = f"something else follows the property list: {error}"
    if not builder.root:
        raise FormatError("a property list is empty")
    return builder.root[0], trailing or _twice(builder.repeated)


def _refuse_entity(*_: object) -> None:
    raise FormatError("a property list declares entities, which none needs and bombs are made of")
