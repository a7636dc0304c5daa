"""What is quoted of a line or record to the operator of a case: as it stands, without obvious secrets.

Whoever may read the case can open it where it is cited; what is quoted ends up on screens, in pages and in mails.
What leaves the house goes through more than this: core/redact.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

import msgspec

from abm_trace.core.redact import Redactor
from abm_trace.core.values import TOO_MANY, too_many

HIDDEN: Final = "[hidden]"

_STRONG: Final = (
    r"pass(?:word|wd|wort|code|phrase)|pwd|secret|challenge|(?:api|recovery|wep|wpa\d?|wi-?fi|shared|private)[ _-]?key"
)
_KEY: Final = (  # The end of a field's name.
    rf"(?:{_STRONG}|pass|authorization|cookie|token|otp|csrf|bypass[ _-]?code|credentials?|magic|assertion|signature"
    r"|session(?:[_-]?id)?|(?<![A-Za-z])(?:pin|sid|auth|psk)|(?-i:Pin)|(?<=[?&])(?:code|key|sig))"
)
_IS: Final = r"(?:\\{0,3}[\"']|&quot;)?\s{0,3}(?:[:=]|%3D|&#(?:61|x3d);|\\u003d)(?:\s{0,3}|&quot;)"
_VALUE: Final = (
    r"""(?:\\{1,3}"[^"]*"?|"(?:[^"\\]|\\.)*"?|'[^']*'?|\[[^\]]*\]?|\{[^{}]*\}?|<[^>]*>?|[^\s,;&<>"'()\[\]{}\\]+)"""
)
_STATE: Final = (  # What such a field says of itself: `token: expired`.
    r"(?!\[hidden\]|(?:null|none|true|false|yes|no|ok|expired|invalid|valid|missing|unknown|required|rejected|refused"
    r"|wrong|empty|not|is|was)(?![\w@.-]))"
)
_SECRETS: Final = re.compile(
    # Headers, to the end of the line; then `--password X`, `PIN: 1`, `"otp":"1"`, `shared secret X1`, `<pwd>X</pwd>`, a
    # profile's `<key>Password</key><string>X</string>`, and credentials of HTTP wherever they stand.
    rf"""((?:cookie|authorization)(?:\s{{0,3}}[:=]\s{{0,3}}|\s(?=\w+=|(?:bearer|basic|digest)\s))){_STATE}[^\r\n"'\\]+"""
    rf"|((?<![\w-])--?[\w-]{{0,40}}?{_KEY}[\s=]\s{{0,3}}){_STATE}{_VALUE}"
    rf"|({_KEY}{_IS}){_STATE}{_VALUE}"
    rf"|((?:{_STRONG})\s)(?=\S{{0,40}}\d)[^\s,;]{{4,}}"
    rf"|(<[\w.:-]{{0,40}}?{_KEY}>)[^<]+"
    rf"|(<key>[\w.-]{{0,40}}?{_KEY}</key>\s{{0,9}}<\w{{1,20}}>)[^<]+"
    r"|(\b(?:bearer|basic|digest)\s+)(?!(?:token|auth\w*|scheme|constraints?|challenge|access|mismatch|algorithm|of|is)\b)"
    r"[\w+/=.~-]{6,}",
    re.IGNORECASE,
)
_PARTS: Final = re.compile(
    "pass|pwd|secret|challenge|auth|cookie|token|otp|csrf|key|[?&]code|bypass|credential|magic|assertion|[?&]sig"
    "|signature|session|pin|sid|psk|bearer|basic|digest",
    re.IGNORECASE,
)

_OPEN_QUERY: Final = frozenset({"limit", "page", "offset", "serial", "serialnumber", "serial_number", "udid"})
"""Parameters of a URL whose values are shown."""

_READ: Final = (
    "serial", "serialNumber", "serial_number", "udid", "requestId", "request_id", "deviceIdentifier",
    "device_identifier", "device_id", "token_region",
)  # fmt: skip
"""Fields of an exchange that are read as facts."""

_PLAIN: Final = re.compile(r"[\w.:-]{1,64}")
_METHOD: Final = re.compile(r"[A-Z]{1,10}")
_STATUS: Final = re.compile(r"[1-5]\d\d")


class _Secrets(Redactor):
    """Hides what is a secret by its shape or by what is said of it."""

    def label(self, kind: str, text: str) -> str:
        """What stands for any text."""
        return HIDDEN


_hide: Final = _Secrets(("secret",))


def without_secrets(text: str) -> str:
    """A text with `[hidden]` for each value of a password, PIN, token, cookie, challenge, session or credential."""
    if _PARTS.search(text):
        text = _SECRETS.sub(lambda found: next(filter(None, found.groups())) + HIDDEN, text)
    return _hide(text)


def exchange(record: bytes) -> str | None:
    """What is shown of an exchange over HTTP: method, URL, status and what is read of it; None for another record.

    Of headers and bodies nothing else is shown, for nobody knows what stands in them.
    """
    if b'"request"' not in record and not (b'"method"' in record and b'"url"' in record):
        return None
    try:
        if too_many(record):
            raise ValueError(TOO_MANY)
        whole = msgspec.json.decode(record)
    except (ValueError, RecursionError):
        return "an exchange over HTTP, too long or too damaged to be quoted"
    if not isinstance(whole, dict):
        return None
    request, response = _inside(whole, "request") or whole, _inside(whole, "response")
    url = request.get("url")
    if not isinstance(url, str):
        return None
    method, status = str(request.get("method") or ""), str(response.get("status") or whole.get("status") or "")
    bodies = (whole, request, _body(_inside(request, "postData")), response, _body(_inside(response, "content")))
    answer = whole.get("response")
    read = dict(
        pair for body in (*bodies, _object(answer) if isinstance(answer, str) else {}) for pair in _read(body)
    )  # fmt: skip
    told = "; ".join(f"{name} {value}" for name, value in read.items())
    said = f"{method if _METHOD.fullmatch(method) else '(no method)'} {_address(url)}"
    said += f" answered {status}" if _STATUS.fullmatch(status) else ""
    return f"{said}{f' ({told})' if told else ''}; headers and bodies are not quoted"


def _inside(fields: Mapping[str, object], name: str) -> dict[str, object]:
    inner = fields.get(name)
    return inner if isinstance(inner, dict) else {}


def _body(content: Mapping[str, object]) -> dict[str, object]:
    """The object that a body in a HAR holds; {} where it is none, or encoded."""
    text = content.get("text")
    return _object(text) if isinstance(text, str) else {}


def _object(text: str) -> dict[str, object]:
    try:
        if too_many(text.encode()):
            return {}
        found = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _read(fields: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The fields that are read as facts, where their values have the form of an identifier."""
    for name in _READ:
        value = fields.get(name)
        if isinstance(value, str) and _PLAIN.fullmatch(value):
            yield name, value


def _address(url: str) -> str:
    """A URL without who asks, without its fragment, and without what stands in its query but for known harmless."""
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(a URL that cannot be read)"
    query = "&".join(f"{name}={value if _is_open(name, value) else HIDDEN}" for name, value in pairs)
    return SplitResult(parts.scheme, f"{parts.hostname or ''}{port}", parts.path, query, "").geturl()


def _is_open(name: str, value: str) -> bool:
    return name.casefold() in _OPEN_QUERY and _PLAIN.fullmatch(value) is not None
