"""What every format of Apple's own answers has to stand: pages split and shuffled, and values of any kind."""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType

from tests.formats.exports.reading import head, read

from abm_trace import formats
from abm_trace.core.nouns import Fact
from abm_trace.pipeline.text import Text, encoding_of

Page = Mapping[str, object]

VALUES: tuple[object, ...] = (
    None, True, 0, -1, 10**30, 1e300, 1.5, "", " ", "x" * 70_000, "0000-00-00T00:00:00Z", "2026-05-17T25:61:00Z",
    "2026-05-17T08:00:00+99:00", "9999-12-31T23:59:59-23:59", "\ufeff", "\u0000", "\ufffd", [], [[]], [None], {},
    {"a": {}}, ["a", 1], [{}],
)  # fmt: skip
"""A value of every kind that a field should not have."""


def claims(data: bytes, path: str = "x.json") -> str:
    """The id of the format that recognises these bytes; "" for none."""
    found = formats.recognise(head(data, path))
    return found.id if found else ""


def bare(facts: Sequence[Fact]) -> list[tuple[object, ...]]:
    """The facts without the way back to their bytes, in a fixed order; a coverage without a time is the file's own."""
    kept = [fact for fact in facts if fact.kind != "coverage" or fact.at is not None]
    return sorted(
        ((f.kind, f.at or 0, f.at is None, f.source, f.value, sorted(f.attrs.items()), f.cause) for f in kept), key=repr
    )


def assert_split(form: ModuleType, pages: Sequence[Page], *, seed: int = 1) -> None:
    """Asserts that the set of facts is the same however pages are written, shuffled, and split in files."""
    whole = bare(read(form, json.dumps(pages).encode())[0])
    assert whole
    shuffle = random.Random(seed)
    for _ in range(12):
        order = list(pages)
        shuffle.shuffle(order)
        found: list[Fact] = []
        while order:
            count = shuffle.randint(1, len(order))
            taken, order = order[:count], order[count:]
            found += read(form, written(taken, shuffle.choice(("array", "lines", "joined", "indented"))))[0]
        assert bare(found) == whole


def written(pages: Sequence[Page], how: str) -> bytes:
    """Pages in one file: an array of them, one a line, or one behind the other, each with its members shuffled."""
    if how == "array":
        return json.dumps(pages).encode()
    turned = [dict(reversed(list(page.items()))) for page in pages]
    if how == "lines":
        return b"".join(json.dumps(page).encode() + b"\r\n" for page in turned)
    return b"".join(json.dumps(page, indent=2 if how == "indented" else None).encode() for page in turned)


def changed(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The path to every member of a JSON value, to put something else there."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield (*path, name)
            yield from changed(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from changed(each, (*path, index))


def put(value: object, path: tuple[object, ...], other: object) -> object:
    """A copy of a JSON value with another value at a path."""
    if not path:
        return other
    if isinstance(value, dict):
        return {name: put(each, path[1:], other) if name == path[0] else each for name, each in value.items()}
    assert isinstance(value, list)
    return [put(each, path[1:], other) if index == path[0] else each for index, each in enumerate(value)]


def assert_hostile(form: ModuleType, page: Page) -> None:
    """Asserts that no value of any member, no repeated key, depth, encoding or cut does more than cost what it is in.

    `read` checks each fact's way back to its bytes.
    """
    for path in changed(page):
        for value in VALUES:
            data = json.dumps(put(page, path, value)).encode()
            form.score(head(data))
            read(form, data)
    good = json.dumps(page).encode()
    count = len(read(form, good)[0])
    for name in {str(path[-1]) for path in changed(page)}:
        double = good.replace(f'"{name}": '.encode(), f'"{name}": "another", "{name}": '.encode(), 1)
        _, skipped = read(form, double)
        assert any("repeated" in thing.reason for thing in skipped), name
    for deep in (b"[" * 60 + b"]" * 60, b"[" * 5000 + b"]" * 5000, b'{"a":' * 5000 + b"1" + b"}" * 5000, b"9" * 5000):
        read(form, good[:-1] + b', "deep": ' + deep + b"}")
        read(form, b'{"deep": ' + deep + b", " + good[1:])
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
        assert len(read(form, decoded(good.decode().encode(encoding)))[0]) == count
    assert len(read(form, json.dumps(page, indent=2).replace("\n", "\r\n").encode())[0]) == count
    for cut in range(1, len(good), max(1, len(good) // 60)):
        facts, skipped = read(form, good[:cut])
        assert skipped or not facts or len(facts) == count
    twice = good + b"\n" + good[: len(good) // 2] + b"\n" + good
    facts, skipped = read(form, twice)
    assert len(facts) >= 2 * count
    assert skipped


def decoded(data: bytes) -> bytes:
    """The bytes as the pipeline hands them to a format."""
    return Text(encoding_of(data)).once(data)


def kinds(facts: Sequence[Fact]) -> dict[str, int]:
    """How many facts there are of each kind."""
    return dict(Counter(fact.kind for fact in facts))
