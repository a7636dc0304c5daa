"""What has to be hidden and is known by its shape: secrets, people, hardware ids, identifiers, internal addresses."""

import ipaddress
import re
import unicodedata
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
_IMEI_DIGITS: Final = 15
_DATE: Final = re.compile(r"(?<!\d)(?:20\d\d[-./]\d\d?[-./]\d\d?|\d\d?[./]\d\d?[./]20\d\d)(?!\d)")
_RUN: Final = re.compile(r"[0-9A-Za-z]+")
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])\+?\(?\d(?:[ ()./-]{0,3}\d){6,}")
_MATTER: Final = re.compile(r"[A-Za-z]{2,6}\d{3,12}|\d{4}[A-Za-z]{1,4}")
_IDENTIFIER_MIN, _CASE_DIGITS_MAX = 8, 13
_IPV4: Final = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)"
ADDRESSES: Final = re.compile(
    rf"{_IPV4}|(?<![\w:])(?=[0-9A-Fa-f]{{0,4}}:[0-9A-Fa-f]{{0,4}}:)"
    r"(?:[0-9A-Fa-f:]{1,30}:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f:]{2,39})(?:%\w+)?(?![\w:])"
    r"|(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.(?:local|lan|internal|corp|intranet|home\.arpa)(?![\w-])"
)


def names_somebody(text: str) -> bool:
    """Whether something stands in it that has the shape of a mail address, a phone number or an identifier.

    `case 102030`, `matter 2026-17`, `INC0012345` and a date have none.
    """
    text = _DATE.sub(" ", unicodedata.normalize("NFKC", text))
    if "@" in text or re.search(_MAIL, text, re.IGNORECASE) or any(map(_is_identifier, _RUN.findall(text))):
        return True
    numbers = ("".join(filter(str.isdigit, found[0])) == found[0] and found[0] for found in _NUMBER.finditer(text))
    return any(not bare or bare.startswith("0") or len(bare) > _CASE_DIGITS_MAX for bare in numbers)


def _is_identifier(word: str) -> bool:
    """Whether letters and digits are mixed as in no word, and in no number of a matter."""
    is_mixed_up = not (word.isalpha() or word.isdigit())
    return is_mixed_up and len(word) >= _IDENTIFIER_MIN and not _MATTER.fullmatch(word)


def is_hardware(text: str) -> bool:
    """Whether digits are an IMEI by their check digit (Luhn); the other shapes speak for themselves."""
    digits = [int(each) for each in text if each.isdigit()]
    if len(digits) != _IMEI_DIGITS or not set(text) <= set("0123456789 -"):
        return True
    doubled = [digit * 2 - 9 * (digit > 4) if number % 2 else digit for number, digit in enumerate(digits)]
    return sum(doubled) % 10 == 0


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
