"""Whose word counts: a set of trusted certificates, and whether a chain ends at one of them."""

import contextlib
import re
from base64 import b64decode
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography import x509
    from OpenSSL.crypto import X509Store

_PEM: Final = re.compile(
    rb"-----BEGIN (?:X509 )?CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END (?:X509 )?CERTIFICATE-----"
)
# From: openssl-verification-options(1)
_WORDS: Final = {
    18: "it signed itself",
    19: "it leads to a root that is not among them",
    20: "its issuer is neither in the message nor among them",
    21: "its issuer is neither in the message nor among them",
}


class Trust:
    """Trusted certificates; `name` says where they come from, for people.

    OpenSSL judges the chains (RFC 5280): cryptography's own verifier holds them to the rules of the public web, which
    an MDM's private authority need not keep.
    """

    def __init__(self, certificates: "Iterable[x509.Certificate]", name: str) -> None:
        self._certificates = certificates
        self.name = name
        self.why = lru_cache(1024)(self._why)

    @property
    def size(self) -> int:
        """How many certificates there are."""
        return len(self._held)

    @cached_property
    def _held(self) -> "tuple[x509.Certificate, ...]":
        """They are drawn when the first chain is looked at: plain profiles have none."""
        return tuple(self._certificates)

    @cached_property
    def _store(self) -> "X509Store":
        from OpenSSL import crypto  # noqa: PLC0415  # Plain profiles need not pay for it.

        store = crypto.X509Store()
        store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)  # Each of them is trusted, roots or not.
        for each in self._held:
            with contextlib.suppress(crypto.Error):  # One that OpenSSL cannot read vouches for nobody.
                store.add_cert(crypto.X509.from_cryptography(each))
        return store

    def _why(self, leaf: "x509.Certificate", others: "tuple[x509.Certificate, ...]", at: datetime) -> str:
        """Why the chain from `leaf` over `others` does not hold at `at` (UTC), "" where it does.

        The signer's own certificate may be for any purpose: profiles are signed with those of web servers, of
        developers and of MDM servers alike.
        """
        from OpenSSL import crypto  # noqa: PLC0415  # As above.

        self._store.set_time(at)
        try:
            chain = [crypto.X509.from_cryptography(each) for each in others]
            crypto.X509StoreContext(self._store, crypto.X509.from_cryptography(leaf), chain).verify_certificate()
        except crypto.X509StoreContextError as error:
            return _WORDS.get(error.errors[0], str(error)[:200])
        except crypto.Error:  # OpenSSL reads more of a certificate than cryptography does.
            return "a certificate of the message is damaged"
        return ""


def read_trust(data: bytes, name: str) -> Trust:
    """The certificates of a PEM file, or the one of a DER file. Raises ValueError where there is none."""
    return Trust(certificates(data), name)


def certificates(data: bytes) -> "list[x509.Certificate]":
    """The same certificates as a list; those that cannot be read are left out. Raises ValueError where none is left."""
    from abm_trace.checks.payload.document._signers import certificate  # noqa: PLC0415  # As above.

    blocks = []
    for text in _PEM.findall(data):
        with contextlib.suppress(ValueError):
            blocks.append(b64decode(b"".join(text.split())))
    found = [each for block in blocks or [data] if (each := certificate(block))]
    if not found:
        raise ValueError("there is no certificate that can be read")
    return found
