"""Certificates of a run, verified by openssl."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate, ocsp

from abm_lab.moments import to_datetime
from abm_lab.serve.certificates import DST_ENDED, NOTE, Authority, key_pem
from abm_lab.serve.clock import real_now


@pytest.fixture
def root() -> Authority:
    """A root."""
    return Authority("root", real_now())


def _verify(tmp_path: Path, root: bytes, chain: bytes, leaf: bytes, *options: str) -> str:
    for name, content in (("root", root), ("chain", chain), ("leaf", leaf)):
        (tmp_path / name).write_bytes(content)
    command = ["openssl", "verify", "-CAfile", "root", "-untrusted", "chain", *options, "leaf"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, text=True)
    return done.stdout + done.stderr


def test_a_leaf_holds_for_its_hosts_and_addresses(root: Authority, tmp_path: Path) -> None:
    """No client would trust the lab."""
    issuer = Authority("issuer", real_now(), root)
    leaf = issuer.leaf("leaf", ["us-east.abm.apple.com", "127.0.0.1"])
    given = (tmp_path, root.identity.pem, issuer.identity.pem, leaf.pem)
    assert "leaf: OK" in _verify(*given, "-verify_hostname", "us-east.abm.apple.com", "-x509_strict")
    assert "leaf: OK" in _verify(*given, "-verify_ip", "127.0.0.1")
    assert "error 62" in _verify(*given, "-verify_hostname", "eu-west.abm.apple.com")
    assert NOTE in leaf.certificate.subject.rfc4514_string()
    assert load_pem_private_key(key_pem(leaf.key), None).public_key() == leaf.key.public_key()


def test_an_expired_issuer_is_error_10(root: Authority, tmp_path: Path) -> None:
    """The expired chain would fail for another reason, or not at all."""
    issuer = Authority("issuer", real_now(), root, to_datetime(real_now()) - timedelta(days=2))
    told = _verify(tmp_path, root.identity.pem, issuer.identity.pem, issuer.leaf("leaf", ["h.example"]).pem)
    assert "error 10 at 1 depth lookup: certificate has expired" in told


def test_a_crossed_root_is_the_root_under_another_name(root: Authority) -> None:
    """The chain to DST Root CA X3 would be no chain."""
    dst = Authority("DST Root CA X3", real_now(), None, DST_ENDED)
    crossed = load_pem_x509_certificate(dst.crossed(root))
    crossed.verify_directly_issued_by(dst.identity.certificate)
    assert crossed.subject == root.identity.certificate.subject
    assert crossed.public_key() == root.identity.key.public_key()
    assert dst.identity.certificate.not_valid_after_utc == DST_ENDED


def test_a_staple_says_what_it_was_told(root: Authority) -> None:
    """A staple would be of another state, or of another certificate."""
    leaf, at = root.leaf("leaf", ["h.example"]), to_datetime(real_now()).replace(microsecond=0)
    for status in (ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED):
        told = ocsp.load_der_ocsp_response(root.staple(leaf, status, at, at + timedelta(days=7)))
        assert (told.certificate_status, told.serial_number) == (status, leaf.certificate.serial_number)
        assert told.next_update_utc == at + timedelta(days=7)
