"""What is quoted to an operator: the line as it stands, without what obviously is a secret."""

import json
import time

import pytest

from abm_trace.core.quoting import exchange, without_secrets

CANARY = "hunter2tiger"
SAID = {
    "pwd": "pwd=§",
    "pass": "PASS: §",
    "passwd": "passwd = §",
    "password": "password=§",
    "spoken": "the password § was",
    "flag": "--password §",
    "element": "<password>§</password>",
    "plist": "<key>Password</key><string>§</string>",
    "url-coded": "password%3D§",
    "html-coded": "password&#61;§",
    "json-coded": r"password\u003d§",
    "list": '"password": ["§"]',
    "object": '"password": {"value":"§"}',
    "challenge": 'Challenge = "§"',
    "scep": "SCEP challenge: §",
    "auth": "auth=§",
    "sid": "sid=§",
    "session": "session=§",
    "java": "JSESSIONID=§",
    "dep": "X-ADM-Auth-Session: §",
    "csrf": "csrf=§",
    "code": "GET /enroll?code=§",
    "key": "GET /enroll?key=§",
    "sig": "GET /enroll?sig=§&x=1",
    "oauth": 'oauth_signature="§"',
    "secret": "client_secret=§",
    "token": "server_token: §",
    "api-key": "X-Api-Key: §",
    "bearer": "Authorization Bearer §",
    "digest": "Authorization=Digest §",
    "basic": "sent Basic §",
    "cookie": "Cookie sid=§",
    "set-cookie": "Set-Cookie: a=§; Path=/",
    "magic": "PushMagic: §",
    "userinfo": "https://me:§@mdm.example.org/",
    "fragment": "https://h.example.org/#token=§",
    "otp": "otp=§",
    "camel": '"unlockPin":"§"',
    "recovery": "recovery key: §",
    "bypass": "activation lock bypass code: §",
    "shared": "shared secret §",
    "wifi": "wifi key §",
    "wep": "WEP key=§",
    "eap": "EAPPassword §",
    "header": '{"name":"Authorization","value":"Bearer §"}',
}


@pytest.mark.parametrize("text", SAID.values(), ids=SAID)
def test_hidden(text: str) -> None:
    """If this failed, an explanation or a page would carry a secret further than the log does."""
    shown = without_secrets("2026-05-17 before " + text.replace("§", CANARY))
    assert CANARY not in shown
    assert "[hidden]" in shown
    assert shown.startswith("2026-05-17 before")


@pytest.mark.parametrize("digits", ["pin=4938", "PIN: 493817", "unlock PIN 493817", "unlock_pin: 493817"])
def test_short_numbers(digits: str) -> None:
    """If this failed, a PIN would be shown, for it is short."""
    assert without_secrets(digits).endswith("[hidden]")


@pytest.mark.parametrize(
    "text",
    [
        'ABMErrorDomain Code=4001 "Device identifier rejected" UserInfo={a=b}',
        "challenge: expired, session: invalid, token_id=tok_1 tokenExpiry=2026-01-01 token_region=us-east",
        "Bearer token expired; basic auth; digest mismatch; authorization failed: 401",
        "pinning=off spin=3 author=x mapping: y keyId=1 the secret of 2026, a key 4938",
    ],
    ids=["error", "states", "words", "others"],
)
def test_kept(text: str) -> None:
    """If this failed, the line that proves a verdict could not be read."""
    assert without_secrets(text) == text


@pytest.mark.parametrize("piece", ["a", "pass", "x.-_", "<", "--a", "<key>pin", "token=", "cookie "])
def test_any_line_is_soon_looked_through(piece: str) -> None:
    """If this failed, a hostile line would stop an explanation."""
    begun = time.process_time()
    without_secrets(piece * 200)
    assert time.process_time() - begun < 1


def har(
    url: str = f"https://{CANARY}:{CANARY}@us-east.abm.apple.com/v1/devices?access_token={CANARY}&limit=100#{CANARY}",
) -> bytes:
    """An exchange as a HAR has it, with a secret wherever one can stand."""
    pairs = [{"name": name, "value": f"Bearer {CANARY}"} for name in ("Authorization", "Cookie", "X-Api-Key", "X-Own")]
    asked, answer = {"serialNumber": "F9FXQ1ABCD", "password": CANARY}, {"requestId": "req_9", "access_token": CANARY}
    request = {"headers": pairs, "cookies": pairs, "queryString": pairs, "method": "POST", "url": url,
               "postData": {"text": json.dumps(asked)}}  # fmt: skip
    response = {"status": 202, "headers": pairs, "content": {"text": json.dumps(answer)}, "redirectURL": CANARY}
    return json.dumps({"_initiator": CANARY, "request": request, "response": response}).encode()


def test_of_an_exchange_what_was_read() -> None:
    """If this failed, a page would carry headers, cookies and bodies, or nobody could tell which exchange it was."""
    shown = "POST https://us-east.abm.apple.com/v1/devices?access_token=[hidden]&limit=100 answered 202 "
    shown += "(serialNumber F9FXQ1ABCD; requestId req_9); headers and bodies are not quoted"
    assert exchange(har()) == shown


def test_a_capture_of_our_own_form() -> None:
    """If this failed, exchanges that are one line each would be quoted whole."""
    record = {
        "at": "x",
        "method": "GET",
        "url": f"https://h.example.org/?t={CANARY}",
        "status": 401,
        "serial": "F9FXQ1ABCD",
    }
    shown = exchange(json.dumps({**record, "response": json.dumps({"request_id": "r", "token": CANARY})}).encode())
    assert shown is not None
    assert shown.startswith("GET https://h.example.org/?t=[hidden] answered 401 (serial F9FXQ1ABCD; request_id r)")


@pytest.mark.parametrize("url", ["http://[", "http://a:b/", "http://a/?" + "x&" * 60], ids=["host", "port", "query"])
def test_no_url(url: str) -> None:
    """If this failed, a damaged URL would end the explanation."""
    assert (exchange(har(url)) or "").startswith("POST (a URL that cannot be read) answered 202")


def test_what_is_cut_is_not_quoted() -> None:
    """If this failed, an exchange that is too long to be decoded would be shown with its headers."""
    assert CANARY not in (exchange(har()[:300]) or CANARY)


@pytest.mark.parametrize(
    "record", [b'{"serial":"x"}', b'[{"url":"x","method":"y"}]', b'{"url":1,"method":"y"}', b"a,b"]
)
def test_other_records(record: bytes) -> None:
    """If this failed, what is no exchange would be called one."""
    assert exchange(record) is None


def test_of_an_exchange_of_too_many_values_nothing_is_read() -> None:
    """If this failed, quoting one record of a hostile archive would take a gigabyte."""
    flood = b'{"request":{},"method":"GET","url":"https://x.example/","x":[' + b"{}," * 500_000 + b"0]}"
    assert exchange(flood) == "an exchange over HTTP, too long or too damaged to be quoted"
    answer = '{"request_id":"r","x":[' + "{}," * 500_000 + "0]}"
    record = {"method": "GET", "url": "https://x.example/", "response": answer}
    assert "request_id" not in (exchange(json.dumps(record).encode()) or "request_id")
