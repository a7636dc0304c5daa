"""What can be read of a redacted bundle: only what is known to be harmless, however the rest is written."""

import base64
import os
import stat
import urllib.parse
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as some

from abm_trace.cli.evidence.bundle import harmless
from abm_trace.evidence.errors import EvidenceError, FormatError, RefusedError
from abm_trace.evidence.redaction import Mask, cited, key_of

KEY = bytes(range(32))
SIGNATURES, WORDS = harmless()
TLS = SIGNATURES["tls-handshake-trust"]
EVERY = frozenset[str]().union(*SIGNATURES.values())
HEAD = "2026-05-17 03:47:12.883 ERROR com.apple.ManagedClient [ABM] TLS handshake failed: connection reset by peer"


def mask(*names: str) -> Mask:
    """One with the words of our own signatures, as a bundle has it."""
    return Mask(KEY, WORDS, dict(zip(names, names, strict=True)))


PROVING: Final = f"""\
{HEAD}
2026-05-17T03:47:12.883Z DEBUG com.apple.DeviceManagement.Enrollment [ABM] Sending to https://eu-west.abm.apple.com/v1/devices
2026-05-15 18:20:27.556 ERROR com.apple.ManagedClient ABMErrorDomain Code=4001 "Device identifier rejected"
2026-05-16 04:02:49.269 E  profiled[221:1ff1] [com.apple.MCX:enrollment] [ABM] ABM response: 204
2026-05-16 07:55:16.425051-0500 0x1c54     Default     0x0                  196    0    mdmd: enrollmentMethod=none
<27>1 2026-05-13T09:18:57.116Z localhost profiled 221 - - [ABM] TLS handshake failed: verify error 10
May 12 08:56:29.021325 mdmclient(MDMDaemon)[393] <Error>: TLS handshake failed: unknown issuer"""


@pytest.mark.parametrize("line", PROVING.splitlines())
def test_what_proves_something_stays_as_it_is(line: str) -> None:
    """If this failed, the lines that matter could not be verified."""
    assert mask().line(line.encode() + b"\r\n", EVERY) == line.encode() + b"\r\n"


def test_devices_have_pseudonyms() -> None:
    """If this failed, a device could not be followed through a bundle, or be told without the key."""
    line = HEAD.replace("failed", "failed serial=F9FXQ1ABCD,f9fx-q1ab-cd of [device 0123456789abcdef]")
    hides = mask("F9FXQ1ABCD")
    shown = hides.line(line.encode(), TLS)
    assert shown
    assert shown.count(hides.device("F9FXQ1ABCD").encode()) == 2
    assert b"0123456789abcdef" not in shown, "a label that stood in the log is none of ours"
    assert hides.device("F9FXQ1ABCD") != Mask(bytes(32)).device("F9FXQ1ABCD")
    assert hides.hidden() == {"device": 1, "words": 1}
    assert "default" not in mask("DEFAULT")("default"), "a device named as a word is a device"


@pytest.mark.parametrize(
    "line",
    [
        f"{HEAD} user: nobody",
        f"{HEAD} password=abort",
        f"{HEAD} \u001b[2J",
        f"{HEAD}\0",
        "one unheard-of serial number Zwölf",
        "May 12 a b c d e f g",
        b"\xff" + HEAD.encode(),
    ],
)
def test_in_doubt_the_line_is_withheld(line: str | bytes) -> None:
    """If this failed, a line would be shown of which nobody can say that it is harmless, or that says nothing."""
    assert mask().line(line.encode() if isinstance(line, str) else line, EVERY) is None


@pytest.mark.parametrize(
    "text",
    ["recovery_key=abort", '"unlock_pin": "none"', "bypass: again", "PIN=4001", "code=123456", "Code=4711", "pin 4001",
     "MDM_PASS = error", "ext 204", "otp|none", "asset[471123]", "0x1c54"],
)  # fmt: skip
def test_the_value_of_an_unknown_field(text: str) -> None:
    """If this failed, a secret would be shown for being a word that is harmless elsewhere."""
    value = text.replace("=", " ").replace(":", " ").replace("|", " ").replace("[", " ").split()[-1].strip('"]')
    shown = mask().line(f"{HEAD} {text}".encode(), EVERY)
    assert shown is None or value.encode() not in shown.removeprefix(HEAD.encode())


@pytest.mark.parametrize(
    "text",
    [
        'wifi_pass="trust north one token"', "Kennsatz='trust north one'", "Zimmer: north east west",
        "rooms=[trust, north]", "zimmer -> north", "zimmer => north east", "zimmer := north",
        r'\"zimmer\": \"trust north\"',
        "<key>zimmer</key><string>north east</string>", "zimmer={trust, north}", "zimmer=(north east)",
    ],
)  # fmt: skip
def test_the_whole_value_of_an_unknown_field(text: str) -> None:
    """If this failed, all but the first word of what is hidden would be seen."""
    shown = mask().line(f"{HEAD} {text}, response: 204".encode(), EVERY)
    assert shown
    assert not [
        word for word in ("trust", "north", "east", "west", "one", "token") if word.encode() in shown[len(HEAD) :]
    ]
    assert shown.endswith(b", response: 204"), "the next field is another"


def test_signs_alone() -> None:
    """If this failed, a password without a letter would be shown."""
    assert mask()("pw !@#$%^~* ... -") == "[…] ... -"


@pytest.mark.parametrize("site", ["north", "us-east", "north east", "default"])
def test_a_site_of_harmless_words(site: str) -> None:
    """If this failed, a site would stand in clear beside its pseudonym."""
    hides = Mask(KEY, WORDS, {}, [site, "other"])
    shown = hides(f"from {site.upper()}: allow; logs/{site}/x https://us-east.abm.apple.com")
    name = hides.pseudonym("site", site)
    assert shown == f"from {name}: allow; logs/{name}/[…] https://us-east.abm.apple.com"


def test_a_device_of_several_names() -> None:
    """If this failed, one device would have two pseudonyms."""
    hides = Mask(KEY, WORDS, {"F9FXQ1ABCD": "F9FXQ1ABCD", "00008110-001A": "F9FXQ1ABCD"})
    name = hides.device("F9FXQ1ABCD")
    assert hides("serial f9fxq1abcd, identifier 00008110-001a") == f"serial {name}, identifier {name}"
    assert hides.hidden() == {"device": 1}


def test_what_a_finding_says_is_hidden_as_a_line_is() -> None:
    """If this failed, the report would show what is withheld as a line."""
    text = "[ABM] TLS handshake failed: connection reset by peer"
    assert mask().said(text, TLS) == text
    assert mask().said(f"{text} password=abort", TLS) == "[…]"
    assert mask().said(f"{text} user: nobody", None) == "[…]"


def _secrets() -> list[str]:
    """200 things that nobody must see, of every kind that two audits found."""
    people = [
        "Quentina Vandermolen",
        "Rosalinda Quimby",
        "jürgen müller",
        "Jo Li",
        "rquimby",
        "o'Brien-Smith",
        "李小龍",
    ]
    made = [f"{name}{at}" for at in range(10) for name in people]
    made += [f"hunter-{chr(97 + at)}{chr(98 + at)}-canary" for at in range(20)]
    made += [f"C7JX{at:04d}PTMR" for at in range(1000, 1020)] + [f"73652840000{at:05d}" for at in range(15)]
    made += [f"079 555 {at} 23" for at in range(10, 25)] + [f"+1 (415) 555-01{at}" for at in range(40, 55)]
    made += [f"q.v{at}@corp.example" for at in range(10)] + [f"10.0.7.{at}" for at in range(50, 60)]
    made += [f"00008110-001A2B3C4D{at}801E" for at in range(10, 20)] + [f"a4:83:e7:{at}:9c:11" for at in range(10, 20)]
    return [*made, "dev_409c3d7dc9dfb5b0", "QWERTYUIOP", "1234567890", "ABCD-EFGH-IJKL-MNOP", "eyJhbGciOiJIUzI1NiJ9"]


def _per(form: str) -> Callable[[str], str]:
    return lambda text: "".join(form % ord(each) for each in text)


SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    str, str.upper, str.lower, str.swapcase, str.title, lambda text: text[::-1],
    lambda text: text.translate({code: code + 0xFEE0 for code in range(33, 127)}),
    lambda text: urllib.parse.quote(text, safe=""), _per("%%%02X"), _per("%%25%02X"), _per("\\u%04x"), _per("\\x%02x"),
    _per("&#%d;"), _per("&#x%x;"), _per("%03o "), lambda text: text.encode().hex(), lambda text: text.encode().hex(":"),
    lambda text: base64.b64encode(text.encode()).decode(), lambda text: base64.b32encode(text.encode()).decode(),
    lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(), lambda text: f'"{text}"',
    lambda text: text.replace(" ", "_"), lambda text: text.replace("-", "\u2013"), "\u200b".join, "\u0301".join,
    lambda text: text.replace("a", "\u0430").replace("e", "\u0435"), lambda text: f"x={text}&y={text}",
    lambda text: sha256(text.encode()).hexdigest(), lambda text: f"https://{text}:{text}@mdm.example/{text}?{text}",
    lambda text: f"/Users/{text}/{text}.log",
)  # fmt: skip
BEHIND: Final = ("{}", "serial={}", '"unknown": "{}"', "for {} again", "{}: error", "[{}] <{}>", "device {} failed")


def _pieces(text: str) -> list[str]:
    """What would give it away: its runs of letters and digits, three or longer."""
    runs = "".join(each if each.isalnum() else " " for each in text).split()
    return [run for run in runs if len(run) >= (4 if run.isdigit() else 3)]


@pytest.mark.parametrize("spelling", range(len(SPELLINGS)))
def test_canaries_in_each_spelling(spelling: int) -> None:
    """If this failed, a third audit would find what two others found."""
    found = []
    secrets = _secrets()
    assert len(set(secrets)) >= 200
    for secret in secrets:
        written, masked = SPELLINGS[spelling](secret), mask()
        for around in BEHIND:
            text = around.replace("{}", written)
            for shown in (masked.line(f"{HEAD} {text}".encode(), EVERY) or b"", masked(f"{HEAD} {text}").encode()):
                rest = shown.decode().removeprefix(HEAD)
                around_it = around.replace("{}", " ") + "Users log https mdm example x y […]"
                found += [(text, each) for each in _pieces(written) if each in rest and each not in around_it]
    assert found == []


@given(some.text(max_size=40), some.sampled_from(BEHIND))
def test_any_text(text: str, around: str) -> None:
    """If this failed, letters that are on no list would be shown."""
    shown = mask()(around.replace("{}", text))
    left = "".join(each if each.isalnum() else " " for each in shown.replace("[…]", "")).split()
    known = {*around.replace("=", " ").replace('"', " ").replace(":", " ").split(), *WORDS, "s", "a"}
    listed = mask()
    assert all(word in known or listed(word) == word for word in left)


def test_only_what_is_cited() -> None:
    """If this failed, lines that prove nothing would be shown."""
    lines = [HEAD.encode() + b"\r\n", HEAD.encode().replace(b"peer", b"Apple") + b"\n", HEAD.encode()]
    digest = sha256(HEAD.encode()).hexdigest()
    assert cited(lines, mask(), {digest: TLS}) == {0: lines[0], 2: lines[2]}
    line = f"{HEAD} unknown issuer".encode()
    digest = sha256(line).hexdigest()
    assert cited([line], mask(), {digest: TLS}) == {0: line}
    assert cited([line], mask(), {digest: ()}) != {0: line}, "words are those of the signature that read it"
    assert cited(lines, mask(), {}) == {}


def test_the_key_is_made_once_and_kept_apart(tmp_path: Path) -> None:
    """If this failed, pseudonyms would change from bundle to bundle, or others could undo them."""
    path = tmp_path / "r.key"
    key, is_new = key_of(path, lambda size: bytes(range(size)))
    assert (key, is_new) == (KEY, True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_of(path, lambda size: b"") == (KEY, False)
    path.chmod(0o644)
    with pytest.raises(RefusedError, match="0600"):
        key_of(path, lambda size: b"")
    path.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(path, 65534, -1)
        with pytest.raises(RefusedError, match="somebody else"):
            key_of(path, lambda size: b"")
        os.chown(path, 0, -1)
    path.write_text("short")
    with pytest.raises(EvidenceError, match="64 hex digits"):
        key_of(path, lambda size: b"")
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(FormatError, match="no regular file"):
        key_of(tmp_path / "fifo", lambda size: b"")
