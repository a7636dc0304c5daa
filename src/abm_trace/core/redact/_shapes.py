"""What has to be hidden and is known by its shape: secrets, people, hardware ids, identifiers, internal addresses."""

import binascii
import ipaddress
import re
from functools import lru_cache
from typing import Final

_MAIL: Final = (
    r"[\w.+%-]{1,64}(?:[@\uff20]|%(?:25)?40|\\u0040|&#(?:64|x40);|\s?[(\[]at[)\]]\s?)[\w-]{1,63}(?:\.[\w-]{1,63})+"
)
SECRETS: Final = re.compile(
    r"(?P<keep>\b(?:Bearer|Basic|OAuth|MAC)\s+)[\w+/=.~-]{8,}"
    r"|(?<![A-Za-z0-9])eyJ[\w-]{5,}(?:\.[\w-]*){1,4}"
    r"|-----BEGIN [^-\n]{1,40}-----[\s\S]*?(?:-----END [^-\n]{1,40}-----|\Z)"
    r"|(?:(?<=://)|(?<=:\\/\\/))[^/\s:@]{1,80}:[^/\s@]{1,200}(?=@)"
    r"|(?<![\w+/=])(?P<blob>[\w+/]{40,}={0,2})(?![\w+/=])",
    re.IGNORECASE,
)
# Keys of AWS, GitHub, GitLab, Slack and Stripe, and a JWT that was cut. From: the vendors' pages on token formats.
TOKENS: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:A[KS]IA[0-9A-Z]{16}|gh[oprsu]_\w{16,}|github_pat_\w{16,}|xox[a-z]-[\w-]{8,}"
    r"|[prs]k_(?:live|test)_\w{8,}|glpat-[\w-]{8,}|eyJ[\w-]{16,})",
    re.IGNORECASE,
)
TOKEN_PARTS: Final = (
    "akia", "asia", "gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_", "xox", "k_live_", "k_test_", "glpat-", "eyj",
)  # fmt: skip

PEOPLE: Final = re.compile(
    rf"{_MAIL}|(?<![\w+])\+[1-9](?:\d{{7,14}}|\d{{0,2}}(?: \d{{1,4}}){{2,6}})(?!\d)"
    r"|(?<=/Users/)[^/\s\"']+|(?<=/home/)[^/\s\"']+"
    r"|(?<=/Users\\/)[^/\s\"'\\]+|(?<=/home\\/)[^/\s\"'\\]+"  # As JSON may write it: \/Users\/anna
)
PEOPLE_PARTS: Final = ("@", "\uff20", "%40", "%2540", "(at)", "[at]", "\\u0040", "&#", "+", "/users", "/home")
HARDWARE: Final = re.compile(
    r"(?<![0-9A-Fa-f:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])"
    r"|(?<![0-9A-Fa-f.])(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}(?!\.?[0-9A-Fa-f])"
    r"|(?<!\d)\d{2}[ -]\d{6}[ -]\d{6}[ -]\d(?!\d)|(?<!\d)(?:89\d{30}|89\d{17,18}|\d{15})(?!\d)"
)
BARE_MAC: Final = re.compile(r"(?<![\w-])(?=[0-9]{0,11}[A-Fa-f])[0-9A-Fa-f]{12}(?![\w-])")
# What an identifier looks like that nobody named: a serial number (F9FXQ1ABCD), a UUID or UDID, a digest, a name in
# which upper case, lower case and digits are mixed as chance does.
_SERIAL: Final = re.compile(r"(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[0-9A-Z]{8,14}|(?!0x)(?=.*[0-9])(?=.*[a-z])[0-9a-z]{10,12}")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{24,64}|[0-9A-Fa-f-]{25,36}")
_MIXED_MIN: Final = 12
_HEX_TEXT_MIN: Final = 16
_IMEI_DIGITS: Final = 15
_IPV4: Final = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)"
IPV4: Final = re.compile(_IPV4)
ADDRESSES: Final = re.compile(
    rf"{_IPV4}|(?<![\w:])(?=[0-9A-Fa-f]{{0,4}}:[0-9A-Fa-f]{{0,4}}:)"
    r"(?:[0-9A-Fa-f:]{1,30}:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f:]{2,39})(?:%\w+)?(?![\w:])"
    r"|(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.(?:local|lan|internal|corp|intranet|home\.arpa)(?![\w-])"
)


def names_mail(text: str) -> bool:
    """Whether a mail address stands in it."""
    return re.search(_MAIL, text, re.IGNORECASE) is not None


def is_hardware(text: str) -> bool:
    """Whether digits are an IMEI by their check digit (Luhn); the other shapes speak for themselves."""
    digits = [int(each) for each in text if each.isdigit()]
    if len(digits) != _IMEI_DIGITS or not set(text) <= set("0123456789 -"):
        return True
    doubled = [digit * 2 - 9 * (digit > 4) if number % 2 else digit for number, digit in enumerate(digits)]
    return sum(doubled) % 10 == 0


def is_identifier(text: str) -> bool:
    """Whether it looks like a serial number, a UUID, a digest, or base64 of such."""
    if _SERIAL.fullmatch(text) or _HEX.fullmatch(text):
        return True
    if len(text) >= _HEX_TEXT_MIN and _is_hex_text(text):
        return True
    return len(text) >= _MIXED_MIN and "-" not in text and (is_mixed(text) or _is_base64(text))


def _is_hex_text(text: str) -> bool:
    """Whether it is letters and digits in hexadecimal."""
    try:
        return bytes.fromhex(text).isalnum()
    except ValueError:
        return False


def _is_base64(text: str) -> bool:
    """Whether it is text in base64: that a word of ten letters decodes to nothing but ASCII is no chance."""
    if text.islower() or text.isupper():
        return False
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4)).decode("ascii").isprintable()
    except ValueError:
        return False


def is_mixed(text: str) -> bool:
    """Whether it looks drawn by chance, as keys do in base64: a path or a digest in hexadecimal does not."""
    return any(map(str.isupper, text)) and any(map(str.islower, text)) and any(map(str.isdigit, text))


@lru_cache(maxsize=4096)
def is_internal(text: str) -> bool:
    """Whether it is a name of an inner domain, or an address that the internet does not route."""
    try:
        inner = text.rpartition(":")[2] if "." in text else ""  # ::ffff:10.0.0.1
        return any(not ipaddress.ip_address(each).is_global for each in (text, inner) if each)
    except ValueError:
        return text[:1] not in ":%" and "." in text and not text.replace(".", "").isdigit()
