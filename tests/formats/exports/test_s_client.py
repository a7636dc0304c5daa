"""Transcripts of openssl s_client."""

import pytest
from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import s_client

EXPIRED = b"""$ openssl s_client -connect us-east.abm.apple.com:443 -tlsextdebug -status
CONNECTED(00000003)
depth=2 O = Digital Signature Trust Co., CN = DST Root CA X3
verify error:num=10:certificate has expired
notAfter=Sep 30 14:01:15 2021 GMT
verify return:1
OCSP response: no response sent
---
Certificate chain
 0 s:CN = us-east.abm.apple.com
   i:C = US, O = Apple Inc., CN = Apple Public EV Server RSA CA 1 - G1
   v:NotBefore: May  1 00:00:00 2026 GMT; NotAfter: Aug  1 00:00:00 2026 GMT
---
Server certificate
-----BEGIN CERTIFICATE-----
MIIB
-----END CERTIFICATE-----
subject=CN = us-east.abm.apple.com

issuer=C = US, O = Apple Inc., CN = Apple Public EV Server RSA CA 1 - G1

---
New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
Verify return code: 10 (certificate has expired)
---
DONE
"""
GOOD = b"""Connecting to 17.1.1.1
CONNECTED(00000003)
depth=1 CN=CA
verify return:1
OCSP response:\x20
======================================
OCSP Response Data:
    OCSP Response Status: successful (0x0)
    Cert Status: good
---
Certificate chain
 0 s:CN=EU-West.abm.apple.com
   i:CN=CA
---
    Protocol  : TLSv1.2
    Verify return code: 0 (ok)
"""
EXPIRED_FACT = (
    "tls_probe",
    None,
    "",
    {
        "endpoint": "us-east.abm.apple.com",
        "port": "443",
        "stapled": "no",
        "verify_code": "10",
        "expired": "O = Digital Signature Trust Co., CN = DST Root CA X3",
        "protocol": "TLSv1.3",
        "issuer": "C = US, O = Apple Inc., CN = Apple Public EV Server RSA CA 1 - G1",
    },
)
GOOD_FACT = (
    "tls_probe",
    None,
    "",
    {
        "endpoint": "eu-west.abm.apple.com",
        "stapled": "yes",
        "ocsp_status": "good",
        "verify_code": "0",
        "protocol": "TLSv1.2",
        "issuer": "CN=CA",
    },
)


def test_one_transcript_is_its_whole_file() -> None:
    """If this fails, a saved handshake does not prove what it shows."""
    for data, fact in ((EXPIRED, EXPIRED_FACT), (GOOD, GOOD_FACT)):
        assert s_client.score(head(data)) > 0.8
        facts, skipped = read(s_client, data)
        assert said(facts) == [fact]
        assert (facts[0].origin.length, facts[0].origin.line, facts[0].origin.record) == (len(data), 1, 0)
        assert not skipped


def test_the_host_of_a_certificate_for_several() -> None:
    """If this fails, a handshake with one region is told, and used, as one with another whose certificate it shares."""
    verified = b"Verification: OK\nVerified peername: us-west.abm.apple.com\n    Protocol  "
    data = GOOD.replace(b"    Protocol  ", verified)
    for before, endpoint in ((b"", "us-west"), (b"$ openssl s_client -connect us-east.abm.apple.com:443\n", "us-east")):
        assert read(s_client, before + data)[0][0].attrs["endpoint"] == f"{endpoint}.abm.apple.com"


def test_a_stale_staple() -> None:
    """If this fails, a transcript's staple that ran out passes, or its age is judged by no time."""
    status = b"Cert Status: good\n    This Update: May  1 00:00:00 2026 GMT\n    Next Update: May  8 00:00:00 2026 GMT"
    data = GOOD.replace(b"Cert Status: good", status)
    assert "staple_stale" not in read(s_client, data)[0][0].attrs
    for start, stale in ((1778198401, "2026-05-08T00:00:00Z"), (1778198399, None)):
        dated = data.replace(b"    Verify return", b"    Start Time: %d\n    Verify return" % start)
        assert read(s_client, dated)[0][0].attrs.get("staple_stale") == stale


def test_several_in_a_file() -> None:
    """If this fails, the second transcript of a file is lost, or mixed into the first."""
    for data, wanted in ((EXPIRED + GOOD, [EXPIRED_FACT, GOOD_FACT]), (GOOD + EXPIRED, [GOOD_FACT, EXPIRED_FACT])):
        facts, skipped = read(s_client, data)
        assert said(facts) == wanted
        assert not skipped
    without_marks = GOOD.split(b"\n", 1)[1]
    assert said(read(s_client, without_marks * 3)[0]) == [GOOD_FACT] * 3


def test_a_reset_proves_nothing() -> None:
    """If this fails, a connection that was reset proves a missing staple."""
    reset = (
        b"CONNECTED(00000003)\nwrite:errno=104\n---\nno peer certificate available\n---\nVerify return code: 0 (ok)\n"
    )
    refused = b"$ openssl s_client -connect x.abm.apple.com:443\nconnect:errno=111\n"
    for data in (reset, refused):
        facts, skipped = read(s_client, data)
        assert not facts
        assert skipped


@pytest.mark.parametrize(
    "data",
    [
        (
            b"140102608248512:error:0200206F:system library:connect:Connection refused:../crypto/bio/b_sock2.c:110:\n"
            b"140102608248512:error:2008A067:BIO routines:BIO_connect:connect error:../crypto/bio/b_sock2.c:111:\n"
        ),
        b"804B6F5C777F0000:error:10080002:BIO routines:BIO_lookup_ex:system lib:../crypto/bio/bio_addr.c:738:\n",
        b"connect:errno=111\n",
    ],
)
def test_a_connection_that_never_came_about_is_named(data: bytes) -> None:
    """It would be "not recognised", and nobody would learn that the host could not be reached."""
    assert s_client.score(head(data)) > 0.8
    facts, skipped = read(s_client, data)
    assert not facts
    assert [thing.reason for thing in skipped] == ["a transcript is not used, no connection was made"]


def test_a_cut_transcript_is_named() -> None:
    """If this fails, a transcript whose end is missing passes for a whole one."""
    facts, skipped = read(s_client, EXPIRED[: EXPIRED.index(b"---\nNew")])
    assert facts[0].attrs["stapled"] == "no"
    assert "cut off" in skipped[0].reason


def test_a_staple_that_was_not_asked_for_is_not_missed() -> None:
    """If this fails, a transcript without -status proves a missing staple."""
    data = EXPIRED.replace(b"OCSP response: no response sent\n", b"")
    assert "stapled" not in read(s_client, data)[0][0].attrs


def test_a_miss() -> None:
    """If this fails, text that speaks of a connection is taken for a transcript."""
    for data in (b"CONNECTED to the network\n", b"TLS handshake failed\n", b""):
        assert s_client.score(head(data)) == 0
