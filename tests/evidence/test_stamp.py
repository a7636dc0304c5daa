"""Time stamps, by a real authority, and by some that lie."""

from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.authority import Authority

from abm_trace.core import instants
from abm_trace.evidence import stamp
from abm_trace.evidence.errors import EvidenceError, FormatError, RefusedError

DATA = b"log.example\n3\nAAAA\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority in its own folder."""
    return Authority(tmp_path_factory.mktemp("tsa") / "one")


def roots(authority: Authority) -> list[x509.Certificate]:
    """The certificate that it is known by."""
    return x509.load_pem_x509_certificates(authority.root.read_bytes())


@pytest.fixture(scope="module")
def answer(authority: Authority) -> bytes:
    """Its answer over DATA."""
    return authority.answer(stamp.question(DATA, 42))


def test_a_stamp(authority: Authority, answer: bytes) -> None:
    """If this failed, no real authority's stamp would be accepted."""
    found = stamp.parse(answer)
    stamp.check(found, DATA, roots(authority))
    assert "tsa" in found.authority
    assert stamp.accept(answer, DATA, roots(authority), now=found.at, signed_at=found.at) == found


def test_an_authority_that_lies(authority: Authority, answer: bytes, tmp_path: Path) -> None:
    """If this failed, a stamp over other bytes, of another authority, or of a mail certificate would be an anchor."""
    with pytest.raises(RefusedError, match="other bytes"):
        stamp.check(stamp.parse(answer), DATA + b"x", roots(authority))
    stranger = Authority(tmp_path / "stranger")
    with pytest.raises(RefusedError, match="not of an authority"):
        stamp.check(stamp.parse(answer), DATA, roots(stranger))
    with pytest.raises(RefusedError, match="not of an authority"):
        stamp.check(stamp.parse(stranger.answer(stamp.question(DATA, 1))), DATA, roots(authority))


def test_times_that_cannot_be(authority: Authority, answer: bytes) -> None:
    """If this failed, an authority could date a checkpoint before its entries, or into the future."""
    at = stamp.parse(answer).at
    with pytest.raises(RefusedError, match="of the future"):
        stamp.accept(answer, DATA, roots(authority), now=at - 301 * instants.SECOND, signed_at=at - 999)
    with pytest.raises(RefusedError, match="older than the newest entry"):
        stamp.accept(answer, DATA, roots(authority), now=at, signed_at=at + 301 * instants.SECOND)


def test_a_refusal(authority: Authority) -> None:
    """If this failed, an answer that says no would be kept as a stamp."""
    question = tsp.TimeStampReq.load(stamp.question(DATA, 1))
    question["message_imprint"]["hash_algorithm"]["algorithm"] = "sha512"
    question["message_imprint"]["hashed_message"] = bytes(64)
    with pytest.raises(FormatError, match="refused: rejection"):
        stamp.parse(authority.answer(question.dump(force=True)))


def test_bytes_count(authority: Authority, answer: bytes) -> None:
    """If this failed, a stamp could be changed (its time, say) and still be believed."""
    found = stamp.parse(answer)
    believed = []
    for at in range(len(answer)):
        changed = answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]
        try:
            other = stamp.parse(changed)
            stamp.check(other, DATA, roots(authority))
        except EvidenceError:
            continue
        believed.append(at)
        assert (other.at, other.digest) == (found.at, found.digest), at
    assert len(believed) < len(answer) // 2, "certificates that are not needed may differ"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_stamp_or_an_error(data: bytes) -> None:
    """If this failed, a hostile answer would crash the log."""
    with pytest.raises(FormatError):
        stamp.parse(data)
    with pytest.raises(FormatError):
        stamp.parse(data + bytes(stamp.ANSWER_BYTES_MAX))


def test_what_a_library_says_is_short() -> None:
    """If this failed, a person would read a dump of OpenSSL's errors, and not what to do."""
    said = 'Validation error: PKCS7: ErrorStack([Error { code: 27, reason: "certificate verify error" }])'
    assert stamp._short(ValueError(said)) == "Validation error: PKCS7: certificate verify error"
    assert stamp._short(ValueError("Extra data\x1b[31m")) == "Extra data\\x1b[31m"
    with pytest.raises(FormatError) as found:
        stamp.parse(b"<html>502")
    assert "as it came" in found.value.hint
