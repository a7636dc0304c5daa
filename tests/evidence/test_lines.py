"""Commitments to lines: what is shown verifies, what is withheld is counted, and neither says more."""

import contextlib
import os
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as some

from abm_trace.evidence import lines
from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.lines import LINE_BYTES_MAX, Lines, Show, check, salts, shown

NONCE = bytes(range(32))


def committed(data: bytes, nonce: bytes = NONCE) -> str:
    """The `lines` of bytes that come in one piece."""
    found = Lines(nonce)
    found.update(data)
    return found.hexdigest()


def by_line(show: Callable[[bytes], bytes | None]) -> Show:
    """The same for many lines."""
    return lambda lines: {at: text for at, line in enumerate(lines) if (text := show(line)) is not None}


def test_written_form() -> None:
    """If this failed, lines that were committed to so far could not be shown."""
    first, second = (salt for salt, _ in zip(salts(NONCE), "ab"))  # noqa: B905  # Salts have no end.
    said = sha256(sha256(first + b"one\n").digest() + sha256(second + b"two").digest()).hexdigest()
    assert committed(b"one\ntwo") == said
    assert b"".join(shown([b"one\ntwo"], NONCE, by_line(lambda line: line if line == b"one\n" else b"t[x]"))) == (
        b"= " + first.hex().encode() + b" one\n# " + sha256(second + b"two").hexdigest().encode() + b" t[x]\n"
    )
    assert committed(b"") == sha256(b"").hexdigest()


@given(some.lists(some.binary(max_size=40) | some.sampled_from([b"\n", b"a\n", b"\r\n"])), some.integers(0, 3))
def test_any_bytes(pieces: list[bytes], each: int) -> None:
    """If this failed, the digest would hang on how bytes were read, or lines that are shown would not verify."""
    whole = b"".join(pieces)
    found = Lines(NONCE)
    for piece in pieces:
        found.update(piece)
    assert found.hexdigest() == committed(whole)
    number = iter(range(10_000))
    choices = (lambda line: line, lambda line: b"other", lambda line: None)

    def show(line: bytes) -> bytes | None:
        return choices[(next(number) + each) % 3](line)

    given_ = list(shown(pieces, NONCE, by_line(show)))
    checked = check(given_)
    assert checked.digest == committed(whole)
    assert checked.kept + checked.withheld == whole.count(b"\n") + (not whole.endswith(b"\n") and whole != b"")


def test_over_long_lines_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a file without newlines would be held in memory as a whole."""
    data = os.urandom(LINE_BYTES_MAX).replace(b"\n", b" ") * 3 + b"\nend"
    pieces = Lines(NONCE)
    for at in range(0, len(data), 70_001):
        pieces.update(data[at : at + 70_001])
    assert pieces.hexdigest() == committed(data)
    given_ = list(shown([data], NONCE, by_line(lambda line: line)))
    shown_ = [line[:2] for line in b"".join(given_).split(b"\n")]
    assert shown_ == [b"# ", b"# ", b"# ", b"= ", b"= "]
    assert check(given_) == (committed(data), 2, 3)


def test_a_change_is_found() -> None:
    """If this failed, a line could be changed in a bundle."""
    given_ = b"".join(shown([b"one\ntwo\nthree\n"], NONCE, by_line(lambda line: None if line == b"two\n" else line)))
    right = committed(b"one\ntwo\nthree\n")
    text = given_.index(b"[withheld]")
    for at in set(range(len(given_))) - set(range(text, text + len(lines.WITHHELD))):
        changed = given_[:at] + bytes([given_[at] ^ 1]) + given_[at + 1 :]
        with contextlib.suppress(FormatError):
            assert check([changed]).digest != right, at
    with pytest.raises(FormatError, match="line 4"):
        check([given_ + b"= 00"])


def test_salts_and_commitments_say_nothing() -> None:
    """If this failed, a withheld line could be guessed from what is shown of its neighbours."""
    line = b"serial F9FXQ1ABCD\n"
    given_ = b"".join(shown([line, b"shown\n"], NONCE, by_line(lambda each: None if each == line else each)))
    assert NONCE.hex().encode() not in given_
    assert sha256(line).hexdigest().encode() not in given_
    assert sha256(line[:-1]).hexdigest().encode() not in given_
