"""What must not be seen by a receiver: taken out, whatever stands around it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from abm_trace.core.redact import LABELS, Redactor, kind_of, names_somebody

OWN, OTHER = "F9FXQ1ABCD", "F9FGU114YU"


def redactor(*kinds: str) -> Redactor:
    """One that hides these kinds, or all, and knows another device and a person."""
    words = [("Anna Müller", "person"), ("Anna", "person"), ("356938035643809", "hardware"), ("x", "secret")]
    return Redactor(kinds or LABELS, others={OTHER, "00008110-1F93FDDE6E3262F7"}, keep={OWN}, words=words)


HIDDEN = [
    (f"logs/{OTHER}_boot.log and {OTHER.lower()}, S{OTHER}", OTHER),
    ("udid=00008110-1f93fdde6e3262f7", "1f93fdde6e3262f7"),
    ("Anna Müller’s iPad", "Müller"),
    ('"userDisplayName":"Bob B."', "Bob"),
    ('"assigned_user": {"name": "Bob", "x": 1}', "Bob"),
    ('"emails_of": 1, "email": ["a", "b.bob"]', "bob"),
    (r'"message":"{\"user\":\"Bob B.\",\"x\":1}"', "Bob"),
    (r'"message":"{\"access_token\":\"s3cr3t', "s3cr3t"),
    ("mailto bob.b+x@clinic-01.example.org.", "bob.b"),
    ("/Users/bob/Library/x", "bob"),
    (r"\/Users\/bob\/Library\/x", "bob"),
    (r"https:\/\/bob:s3cr3t@mdm.example.org\/x", "s3cr3t"),
    (rf'"a\n{OTHER} b"', OTHER),
    (rf'"a\\n{OTHER} b"', OTHER),
    (rf'"a\u000a{OTHER} b"', OTHER),
    (r'"x\npassword=s3cr3t y"', "s3cr3t"),
    (r'"x\r\nAuthorization: Bearer s3cr3t-s3cr3t"', "s3cr3t"),
    (r'"x\tuser=bob"', "bob"),
    (r'"x\n10.2.3.4"', "10.2.3.4"),
    (rf"C:\n{OTHER.lower()}\x and C:\{OTHER.lower()}", OTHER.lower()),
    ("Cookie: a=1; b=s3cr3t", "s3cr3t"),
    ('{"name":"Authorization","value":"Digest s3cr3t"}', "s3cr3t"),
    ("imei=35 693803 564380 9", "693803"),
    ("imei: 356938035643809, imei2: 490154203237518", "490154203237518"),
    ("a bare 490154203237518 here", "490154203237518"),
    ("eid 89049032000001000000012345678901", "890490320000"),
    ("wifi_mac=aa:bb:cc:dd:ee:ff", "aa:bb"),
    ("seen AA-BB-CC-DD-EE-FF", "AA-BB"),
    ("Authorization: Bearer s3cr3t-s3cr3t", "s3cr3t"),
    ('{"access_token":"s3cr3t", "x": 1}', "s3cr3t"),
    ('{"consumer_secret":"s3cr3t\\"more', "more"),
    ('"password": "[s3cr3t" x', "s3cr3t"),
    ("password=[s3cr3t", "s3cr3t"),
    ("token = s3cr3t; x", "s3cr3t"),
    ("X-ADM-Auth-Session: s3cr3t", "s3cr3t"),
    ("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln", "eyJpc3"),
    ("https://bob:s3cr3t@mdm.example.org/x", "s3cr3t"),
    ("-----BEGIN PRIVATE KEY----- MIIE -----END PRIVATE KEY----- z", "MIIE"),
    ("-----BEGIN PRIVATE KEY----- MIIE cut", "MIIE"),
    ("blob " + "Ab1/" * 12, "Ab1/"),
    ("from 10.2.3.4:443", "10.2.3.4"),
    ("via fe80::1%en0 and 100.64.0.9", "fe80"),
    ("via 100.64.0.9", "100.64"),
    ("proxy.clinic.local:3128", "clinic.local"),
    ("via ::ffff:10.0.0.1 and 64:ff9b::10.0.0.2", "10.0.0"),
    ("seen aabb.ccdd.eeff.", "ccdd"),
    ("mac aa:bb:cc:dd:ee:ff aabbccddeeff", "aabbcc"),
    ("id=AKIAIOSFODNN7EXAMPLE", "IOSFODNN"),
    ("id=ASIAIOSFODNN7EXAMPLE", "IOSFODNN"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "klmnop"),
    ("github_pat_11ABCDEFG0abcdefghijkl_x", "ABCDEFG"),
    ("xoxb-123456789012-abcdefABCDEF", "123456789012"),
    ("rk_live_abcdefghijklmnop1234", "klmnop"),
    ("glpat-abcdefghij1234567890", "efghij"),
    ("cut eyJhbGciOiJIUzI1NiJ9", "JhbGci"),
    ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.", "JzdWIi"),
    ("wifi psk=s3cr3t", "s3cr3t"),
    ("Password is s3cr3t", "s3cr3t"),
    ("passphrase correct horse", "horse"),
    ("SSID Bobs Home", "Home"),
    ("token abcDEF0123456789ghiJKL4567", "ghiJKL"),
    ("user bob.b signed in", "bob"),
    ("Username Bob Berg signed in", "Berg"),
    ("owner is Bob O'Berg, signed in", "Berg"),
    ("asset assigned to Bob Berg", "Berg"),
    ("assigned_user: Bob Berg", "Berg"),
    ("assigned_user: bob@example.org Berg", "Berg"),
    ("owner: Berg, Bob x=1", "Bob"),
    ("user: Bob O'Berg", "Berg"),
    ("bob%40example.org", "bob"),
    ("bob (at) example.org", "bob"),
    (r"bob\u0040example.org", "bob"),
    ("call +41 79 123 45 67 or +41791234567", "123"),
    ("phone_number=079 555 13 23", "555"),
]


@pytest.mark.parametrize(("text", "hidden"), HIDDEN)
def test_hidden(text: str, hidden: str) -> None:
    """If this failed, a ticket would show its receiver what is none of their business."""
    assert hidden in text
    assert hidden not in redactor()(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{OWN} s{OWN.lower()} requestId=req_8a3f1b2c token_id=tok_1 tokenExpiry=2026-01-01 token_region=us-east",
        '2026-05-17T08:47:12.883Z ABMErrorDomain Code=4001 "Device identifier rejected" UserInfo={NSx=1}',
        "https://us-east.abm.apple.com/v1/devices 17.57.144.10 12:03:44 com.apple.DeviceManagement.Enrollment",
        "MCCloudConfigurationErrorDomain Code=34008 teslad[221] build 22G100 123456789012345",
        "ac39df0593812a16944283498933c09cca111d8508e789c4ed619a54d06d565e /usr/libexec/a/long/path/to/some/thing/x",
        '"userID":501,"euid":0',
        "std::vector and a::b, userInfo: none, user=null",
        "user agent x, user is not signed in, password required, token expired, the owner of this, SSID not found",
        "user=501 state=ok macOS 26.5 +0000 2026 abc1234.def.5678",
    ],
)
def test_kept(text: str) -> None:
    """If this failed, a receiver could not look up what the ticket is about."""
    assert redactor()(text) == text


def test_the_same_thing_has_the_same_label() -> None:
    """If this failed, a reader could not tell one other device from another."""
    hide = Redactor(LABELS, others={"AAAAAAAA1", "BBBBBBBB2"})
    assert hide("aaaaaaaa1 BBBBBBBB2 AAAAAAAA1") == "[other device 1] [other device 2] [other device 1]"
    assert hide("BBBBBBBB2") == "[other device 2]"
    assert hide.hidden() == {"device": 2}


def test_only_the_kinds_that_are_asked_for() -> None:
    """If this failed, the network's people would not see the addresses that they are asked about."""
    text = f"10.0.0.1 {OTHER} bob@example.org"
    assert redactor("device")(text) == "10.0.0.1 [other device 1] bob@example.org"
    nothing = Redactor(())
    assert (nothing(text), nothing.hidden()) == (text, {})


def test_it_is_done_once() -> None:
    """If this failed, labels would be redacted again, and counted."""
    hide = redactor()
    once = hide(f'"email":"bob@example.org" {OTHER} token=abcdefgh Anna')
    assert hide(once) == once


@given(some.text(max_size=200))
def test_any_text(text: str) -> None:
    """If this failed, a hostile line could stop a ticket."""
    assert OTHER not in redactor()(f"{text} {OTHER} {text}")


@pytest.mark.parametrize(
    "piece",
    ["user", 'user=\\"', "token=[", "a-", "1.", "ab:", '"', "token=", "x.", "-----BEGIN a-----", "eyJabcde.", "@a.",
     "user jane ", "user: a b, ", "user is A B ", "User: O'", "%46", "F9FGU114", "F9FGU114YU", "+1 ",
     r"\u00", "password is ", "xoxb-a", "[a] ", "user: [a] ", "a%40", "1 (at) ", "::1.", "é", "&#"],
)  # fmt: skip
def test_a_hostile_line_costs_no_time(piece: str) -> None:
    """If this failed, one long line would hold up whoever wants a ticket."""
    began = time.process_time()
    text = piece * (20_000 // len(piece))
    redactor()(text)
    names_somebody(text)
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("user_name", "person"), ("Assigned User", "person"), ("email", "person"), ("device_name", "person"),
        ("imei", "hardware"), ("wifi_mac", "hardware"), ("access_token", "secret"), ("bootstrapToken", "secret"),
        ("token_id", ""), ("serial", ""), ("model_number", ""), ("server", ""), ("token_region", ""),
    ],
)  # fmt: skip
def test_fields_by_their_names(key: str, kind: str) -> None:
    """If this failed, a column of a table would be shown, or hidden, for its name's sake."""
    assert kind_of(key) == kind


EDGES = [*map(chr, range(32, 127)), r"\n", r"\\n", r"\u000a", "%20", "é", "serial=", "user=", '"name":"']


@given(some.lists(some.sampled_from(EDGES), max_size=4), some.lists(some.sampled_from(EDGES), max_size=4))
def test_no_edge_saves_a_known_device(before: list[str], after: list[str]) -> None:
    """If this failed, a serial number would leave the house because of the letters around it."""
    hides = Redactor(LABELS, others={OTHER})
    for spelled in (OTHER, OTHER.lower()):
        assert spelled not in hides(f"x {''.join(before)}{spelled}{''.join(after)} y")


def spellings(serial: str) -> list[str]:
    """One serial number as logs, people and programs write it."""
    parts = (serial[:4], serial[4:8], serial[8:])
    wide = "".join(chr(ord(each) + 0xFEE0) for each in serial)
    coded = ["".join(form % ord(each) for each in serial) for form in ("%%%02x", "\\u%04x", "&#x%02X;", "&#%d;")]
    hexed = serial.encode().hex()
    joined = [separator.join(parts) for separator in ("-", " ", ".", ":", "_", "\u200b", "\u2013", ". ", "\u0301")]
    spaced = [" ".join(serial), serial.encode().hex(" "), hexed, hexed.upper(), serial.lower().encode().hex()]
    return [
        *joined,
        *coded,
        *spaced,
        wide,
        "-".join((wide[:4], wide[4:])),
        f"{serial[:5]}%{ord(serial[5]):02X}{serial[6:]}",
    ]


@pytest.mark.parametrize("number", range(len(spellings(OTHER))))
def test_a_known_device_in_each_spelling(number: int) -> None:
    """If this failed, a serial number would leave the house because of how somebody wrote it."""
    text = spellings(OTHER)[number]
    hides = Redactor(LABELS, others={OTHER})
    label = hides(OTHER)
    for around in ("x {} y", "{}", "serial={};", "é{}é", "id {}, again {}"):
        shown = hides(around.format(text, text))
        assert shown == around.format(label, label)
    assert hides.hidden() == {"device": 1}


def test_what_is_never_hidden_holds_another() -> None:
    """If this failed, a ticket would lose a part of its own device's name."""
    hides = Redactor(LABELS, others={"F9FXQ1AB"}, keep={OWN})
    assert hides(f"{OWN} S{OWN.lower()}") == f"{OWN} S{OWN.lower()}"
    assert "F9FXQ1AB" not in hides("F9FX-Q1AB F9FXQ1AB")


@pytest.mark.parametrize(
    "text",
    ["a@b.example", "A%40b.example", "bob (at) b.example", "call 079 555 12 34", "+1 (415) 555-0140", "0041445551124",
     "415-555-0141", "(415) 555-0142", "dev_409c3d7dc9dfb5b0", "F9FXQ1ZZZZ", "f9fxq1zzzz", "imei 356938035643809",
     "\uff21\uff42\uff11\uff12\uff13\uff14\uff15\uff16x9", "00008110-001A2B3C4D5E801E"],
)  # fmt: skip
def test_a_text_that_names_somebody(text: str) -> None:
    """If this failed, a signed entry would name a device or a person for ever."""
    assert names_somebody(f"x {text} y")


@pytest.mark.parametrize(
    "text",
    ["case 102030", "Apple case 102012345678", "matter 2026-17", "INC0012345", "audit of 2026-11-26, 26.11.2026",
     "records 120-480", "hold 3 of 4", "23F77"],
)  # fmt: skip
def test_a_text_that_names_a_matter(text: str) -> None:
    """If this failed, nobody could say which matter a hold is for."""
    assert not names_somebody(text)


def test_a_line_full_of_devices_costs_no_time() -> None:
    """If this failed, one long line would hold up whoever wants a bundle."""
    hides = Redactor(LABELS, others={OTHER})
    began = time.process_time()
    assert hides(f"S{OTHER} " * 20_000).count("[other device ") == 20_000
    assert time.process_time() - began < 6
