"""Devices that were not asked for are found in whatever spelling, and in what is compressed."""

import gzip
import io
import tarfile

import pytest

from abm_trace.evidence.others import Others, glance

OTHER, OWN = "F9FXQ00002", "F9FXQ00001"
OTHERS = Others({OTHER}, {OWN}, str.upper)

SPELLINGS = {
    "plain": OTHER,
    "lower": OTHER.lower(),
    "hex-escapes": "".join(f"\\x{ord(each):02x}" for each in OTHER),
    "octal": "".join(f"\\{ord(each):o}" for each in OTHER),
    "octal-3": "".join(f"\\{ord(each):03o}" for each in OTHER),
    "json": "".join(f"\\u{ord(each):04x}" for each in OTHER),
    "json-twice": "".join(f"\\\\u{ord(each):04x}" for each in OTHER),
    "javascript": "".join(f"\\u{{{ord(each):x}}}" for each in OTHER),
    "python": "".join(f"\\U{ord(each):08x}" for each in OTHER),
    "full-width": "".join(f"\\u{0xFEE0 + ord(each):04x}" for each in OTHER),
    "url": "".join(f"%{ord(each):02x}" for each in OTHER),
    "url-twice": "".join(f"%25{ord(each):02x}" for each in OTHER),
    "html": "".join(f"&#{ord(each)};" for each in OTHER),
    "html-hex": "".join(f"&#x00{ord(each):x};" for each in OTHER),
    "colour": "\x1b[0m".join(OTHER),
    "colour-escaped": "\\x1b[1;31m".join(OTHER),
    "colour-caret": "^[[0m".join(OTHER),
    "colour-bare": "[0m".join(OTHER),
    "overstruck": "".join(f"_\b{each}" for each in OTHER),
    "mixed": "F9\\x46\x1b[0mX%51000\n&#48;2",
    "line-end": f"{OTHER[:5]}\n{OTHER[5:]}",
    "quoted-printable": "F9FXQ=\r\n00002",
}


@pytest.mark.parametrize("kind", SPELLINGS)
def test_spellings(kind: str) -> None:
    """If this failed, a bundle of one device would give another one away, spelled as some program writes it."""
    text = f"a peer {SPELLINGS[kind]} was seen by {OWN}\n".encode()
    assert OTHERS.stand_in(text)
    assert OTHERS.look([b"x\n" * 600_000, text]) == (False, True, "")
    assert OTHERS.look([gzip.compress(text)]) == (True, True, "")


def test_who_was_asked_for_is_nobody_else() -> None:
    """If this failed, nothing of a device would be shown."""
    text = f"{OWN} \\x46 100% \\101 &#x26; \x1b[0m {OWN.lower()} {OTHER[:-1]}\n".encode()
    assert OTHERS.look([text]) == (False, False, "")
    assert OTHERS.look([gzip.compress(text)]) == (True, False, "")
    assert not Others((), {OWN}, str.upper).stand_in(OTHER.encode())


def test_across_pieces() -> None:
    """If this failed, an identifier would pass that stands where one piece ends and the next begins."""
    data = b"x" * 1000 + b" peer F9F", b"XQ00002 " + b"y" * 1000
    assert not any(OTHERS.stand_in(each) for each in data)
    assert OTHERS.look(data).names


def test_names_in_an_archive() -> None:
    """If this failed, the name of a file in an archive would give a device away."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(f"{OTHER}.log"))
    assert OTHERS.look([file.getvalue()]) == (True, True, "")
    named = io.BytesIO()
    with gzip.GzipFile(f"{OTHER}.log", "w", fileobj=named) as packed:
        packed.write(b"text")
    assert OTHERS.look([named.getvalue()]).names, "in the head of a gzip file"


def test_a_glance() -> None:
    """If this failed, lines of a compressed file of several devices would be shown as they stand."""
    assert glance(iter([gzip.compress(b"x")])).is_packed
    assert not glance(iter([b"text"])).is_packed
    assert not glance(iter([])).is_packed


def test_nothing_to_look_at() -> None:
    """If this failed, what could not be looked at would pass for clean."""
    assert OTHERS.look([gzip.compress(b"x" * 999)[:-4]]).problem
    assert OTHERS.look([b"\x01"]).problem
