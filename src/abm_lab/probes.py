"""What the tools of a staging host print: `openssl s_client`, `sntp`, `chronyc tracking`."""

from importlib import resources

from abm_lab.moments import DAY, SECOND, wall

# The exact spacing of OpenSSL 3.0; `{...}` are filled in.
_HEAD = """CONNECTED(00000003)
TLS server extension "supported versions" (id=43), len=2
0000 - 03 04                                             ..
TLS server extension "key share" (id=51), len=36
0000 - 00 1d 00 20 bb 56 7e 9a-c1 d8 21 5c ff 07 18 a2   ... .V~...!\\....
0010 - fa 6f 1e cd b2 31 ae a7-f8 54 26 9d 3e b5 f6 c7   .o...1...T&.>...
0020 - 7d 57 18 14                                       }}W..
{trace}{staple}---
Certificate chain
 0 s:CN = {host}
   i:C = US, O = Apple Inc., CN = Apple Public Server RSA CA 12 - G1 (simulated by abm-lab)
   a:PKEY: id-ecPublicKey, 256 (bit); sigalg: RSA-SHA256
   v:NotBefore: Jan  1 00:00:00 2026 GMT; NotAfter: {leaf_end}
 1 s:C = US, O = Apple Inc., CN = Apple Public Server RSA CA 12 - G1 (simulated by abm-lab)
   i:C = US, O = Apple Inc., CN = Apple Public Server RSA CA 12 - G1 (simulated by abm-lab)
   a:PKEY: rsaEncryption, 2048 (bit); sigalg: RSA-SHA256
   v:NotBefore: Jan  1 00:00:00 2020 GMT; NotAfter: {issuer_end}
---
Server certificate
{pem}subject=CN = {host}
issuer=C = US, O = Apple Inc., CN = Apple Public Server RSA CA 12 - G1 (simulated by abm-lab)
---
No client certificate CA names sent
Peer signing digest: SHA256
Peer signature type: ECDSA
Server Temp Key: X25519, 253 bits
---
SSL handshake has read 3540 bytes and written 416 bytes
{verdict}
---
New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
Server public key is 256 bit
Secure Renegotiation IS NOT supported
Compression: NONE
Expansion: NONE
No ALPN negotiated
Early data was not sent
Verify return code: {code}
---
DONE
"""
_STAPLE = """OCSP response:{space}
======================================
OCSP Response Data:
    OCSP Response Status: successful (0x0)
    Response Type: Basic OCSP Response
    Version: 1 (0x0)
    Responder Id: C = US, O = Apple Inc., CN = Apple Public Server RSA CA 12 - G1 (simulated by abm-lab)
    Produced At: {produced} GMT
    Responses:
    Certificate ID:
      Hash Algorithm: sha1
      Issuer Name Hash: 7E6F0E7C448F3C71C8CDB876C9847142FCC25991
      Issuer Key Hash: 09C4FAA8D7AE45A8CA47BC6D4BD25E58C2074A61
      Serial Number: 05C0DCACEEC48A972427F35C1433B02DEC4F42FA
    Cert Status: good
    This Update: {produced} GMT
    Next Update: {renewed} GMT
======================================
"""
_CHAIN_OK = """depth=1 C = US, O = Apple Inc., CN = Apple Public Server RSA CA 12 - G1 (simulated by abm-lab)
verify return:1
depth=0 CN = {host}
verify return:1
"""
_CHAIN_EXPIRED = """depth=1 C = US, O = Apple Inc., CN = Apple Public Server RSA CA 12 - G1 (simulated by abm-lab)
verify error:num=10:certificate has expired
notAfter={ended} GMT
verify return:1
depth=0 CN = {host}
verify return:1
"""


def transcript(host: str, at: int, *, stapled: bool, expired: bool) -> bytes:
    """`openssl s_client -connect HOST:443 -tlsextdebug -status`, standard output and error in one.

    It prints no time of its own; `at` only sets the dates of the staple and of an expired chain.
    """
    pem = resources.files("abm_lab").joinpath("assets", f"{host.partition('.')[0]}.pem").read_text("ascii")
    dates = {"produced": _date(at - 5 * DAY), "renewed": _date(at + 2 * DAY), "ended": _date(at - 77 * DAY)}
    return _HEAD.format(
        host=host,
        trace=(_CHAIN_EXPIRED if expired else _CHAIN_OK).format(host=host, **dates),
        staple=_STAPLE.format(space=" ", **dates) if stapled else "OCSP response: no response sent\n",
        leaf_end="Jan  1 00:00:00 2046 GMT",
        issuer_end=f"{dates['ended']} GMT" if expired else "Jan  1 00:00:00 2046 GMT",
        pem=pem,
        verdict="Verification error: certificate has expired" if expired else "Verification: OK",
        code="10 (certificate has expired)" if expired else "0 (ok)",
    ).encode()


def _date(at: int) -> str:
    return wall(at // SECOND, "%b %e 00:00:00 %Y")


def sntp_line(at: int, offset_s: float) -> bytes:
    """One line of `sntp`: stamp, correction (the negative of device − reference), error bound, server."""
    second, rest = divmod(at, SECOND)
    stamp = f"{wall(second, '%Y-%m-%d %H:%M:%S')}.{rest:06d} (+0000)"
    return f"{stamp} {-offset_s:+.6f} +/- 0.012345 time.apple.com 17.253.14.125 s1 no-leap\n".encode()


def chronyc_tracking(at: int, offset_s: float) -> bytes:
    """`chronyc tracking`: a clock that is ahead is called fast."""
    direction = "fast" if offset_s > 0 else "slow"
    return (
        "Reference ID    : 11FD0E7D (time.apple.com)\n"
        "Stratum         : 2\n"
        f"Ref time (UTC)  : {wall(at // SECOND, '%a %b %d %H:%M:%S %Y')}\n"
        f"System time     : {abs(offset_s):.9f} seconds {direction} of NTP time\n"
        "Last offset     : +0.000012345 seconds\n"
        "RMS offset      : 0.000034567 seconds\n"
        "Frequency       : 12.345 ppm slow\n"
        "Residual freq   : -0.001 ppm\n"
        "Skew            : 0.045 ppm\n"
        "Root delay      : 0.012345678 seconds\n"
        "Root dispersion : 0.001234567 seconds\n"
        "Update interval : 64.2 seconds\n"
        "Leap status     : Normal\n"
    ).encode()
