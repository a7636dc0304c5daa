"""The settings of a remedy: what this rollout's files are rendered for, and what each may be.

A value that passes stands in any of the files as it is: none has a blank, a quote or a sign that a shell, JSON, YAML or
a daemon's own syntax would take for its own. A site's name alone may have blanks and letters of any script: it stands
in a script's single quotes and nowhere else.
"""

import ipaddress
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from abm_trace.core.errors import AbmTraceError

Values = Mapping[str, tuple[str, ...]]
"""A setting's name → its values, one where it is no list."""


class RemedyError(AbmTraceError):
    """A remedy that there is not, or a setting that cannot be."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: what it means, an example that is also the default, how it is checked, and how many it may be.

    `yours` says that the example is nobody's: a file that is rendered for it fits no rollout.
    """

    name: str
    meaning: str
    example: str
    check: Callable[[str], object]
    most: int = 1
    yours: bool = False


def _fits(pattern: str, what: str) -> Callable[[str], object]:
    compiled = re.compile(pattern)

    def check(text: str) -> object:
        if not compiled.fullmatch(text):
            raise ValueError(f"is no {what}")
        return text

    return check


_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = rf"(?=.{{1,253}}(?::|/|$)){_LABEL}(?:\.{_LABEL})*"
_PORT: Final = r"(?::(?=[1-9])(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
_NAME: Final = r"[^\W_](?:[\w.-]| (?=[^\W_])){0,63}"
_REGION: Final = "[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?"
_PATH: Final = r"(?!.*\.\.)[A-Za-z0-9._][A-Za-z0-9._-]{0,63}(?:/[A-Za-z0-9._][A-Za-z0-9._-]{0,63}){0,15}"

_endpoint = _fits(_HOST + _PORT, "HOST[:PORT], an international name as xn--…")
_path = _fits(_PATH, "relative path")
_address = ipaddress.IPv4Address
_site = _fits(
    f"{_NAME}={_REGION}",
    "SITE=REGION: a site has letters, digits, single blanks and . _ -, a region a to z, 0 to 9 and -",
)
_url = _fits(rf"(?=.{{1,117}}\Z)https?://{_HOST}{_PORT}(?:/{_PATH})?", "URL of 117 characters at most")
"""With /boot.ipxe behind it it fills the 128 octets of DHCP's field `file`. From: RFC 2131, section 2."""

_name = _fits(_HOST, "host name; write an international one as xn--…")


def _follows(text: str) -> object:
    """A time server by name or address, of either version: chrony and ntpd take all of them."""
    try:
        return ipaddress.ip_address(text) if "%" not in text else _name(text)
    except ValueError:
        return _name(text)


def _server(text: str) -> object:
    """An address that a time server can have."""
    address = _address(text)
    if address.is_multicast or address.is_unspecified or address.is_loopback or address.is_reserved:
        raise ValueError("no time server can have this address")
    return address


_WORDS: Final = "--set"
"""Where settings of the command line are said to stand."""

_MANY: Final = 1000
_SERVERS_MAX: Final = 63
"""An option of DHCP has 255 octets, an address four. From: RFC 2132, section 8.3."""
_folder = _fits(
    rf"(?=.{{1,255}}\Z)/{_PATH}", "absolute path of 255 characters at most"
)  # dnsmasq reads lines of 1,024.
_seconds = _fits(r"[0-9]{1,4}(?:\.[0-9]{1,3})?", "number of seconds")

SETTINGS: Final = (
    Setting(
        "interface",
        "the interface of the staging segment",
        "eth0",
        _fits("[A-Za-z0-9][A-Za-z0-9._-]{0,14}", "interface"),
        yours=True,
    ),
    Setting("subnet", "the staging segment", "192.0.2.0/24", ipaddress.IPv4Network, yours=True),
    Setting("pool", "first and last address to give away", "192.0.2.100,192.0.2.199", _address, 2, yours=True),
    Setting("router", "the way out of the segment", "192.0.2.1", _address, yours=True),
    Setting(
        "ntp_addresses",
        "time servers for DHCP, which knows addresses alone",
        "192.0.2.10",
        _server,
        _SERVERS_MAX,
        yours=True,
    ),
    Setting("ntp_names", "time servers that the staging host follows", "time.apple.com", _follows, _MANY),
    Setting("sites", "which site is of which region", "clinic-01=us-east,clinic-02=eu-west", _site, _MANY, yours=True),
    Setting("endpoints", "whose TLS is tried; else the regions'", "", _endpoint, _MANY),
    Setting("boot_url", "where the staging hosts fetch boot.ipxe", "http://192.0.2.10/boot", _url, yours=True),
    Setting("boot_folder", "where that stands on the boot server", "/srv/boot", _folder),
    Setting("profiles", "where the repository keeps its profiles", "profiles", _path),
    Setting("policies", "where it keeps its policies", "policies", _path),
    Setting("documents", "the documents that policies decide about", "devices.ndjson", _path),
    Setting("delay_s", "how long the Mac waits before it asks", "9.2", _seconds),
)
"""The defaults are addresses for documentation (RFC 5737) and names that show the form; nothing of them is yours."""

COMES_FROM: Final = {
    "network": "subnet", "netmask": "subnet", "regions": "sites", "site_cases": "sites", "payload_hooks": "sites"
}  # fmt: skip
"""What templates hold beside settings, and the setting that it follows from."""


def defaults() -> dict[str, tuple[str, ...]]:
    """Every setting at its example."""
    return {each.name: tuple(each.example.split(",")) if each.example else () for each in SETTINGS}


def read(data: bytes, path: str) -> dict[str, tuple[str, ...]]:
    """What a TOML file sets. Raises RemedyError, with the key and what it may be."""
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise RemedyError(f"{path}: is no TOML: {error}", hint='A setting looks so: router = "192.0.2.1"') from error
    found = {}
    for name, value in table.items():
        listed = [f"{key}={each}" for key, each in value.items()] if isinstance(value, dict) else value
        values = listed if isinstance(listed, list) else [listed]
        if isinstance(value, dict) and not all(isinstance(each, str) for each in value.values()):
            raise RemedyError(f"{path}: {name}: must be a table of texts", hint=_hint(_known(name, path), path))
        if any(isinstance(each, bool) or not isinstance(each, str | int | float) for each in values):
            raise RemedyError(
                f"{path}: {name}: must be a text or a list of texts", hint=_hint(_known(name, path), path)
            )
        found[name] = tuple(map(str, values))
    return checked(found, path)


def given(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What `NAME=VALUE` words set, lists with commas. Raises RemedyError."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise RemedyError(f"--set {word}: is no NAME=VALUE", hint="Example: --set router=192.0.2.1")
        found[name] = tuple(value.split(",")) if _known(name, _WORDS).most > 1 else (value,)
    return checked(found, _WORDS)


def checked(values: Values, place: str) -> dict[str, tuple[str, ...]]:
    """The values, if each may be. Raises RemedyError, with the key and what it may be."""
    for name, each in values.items():
        setting = _known(name, place)
        if len(each) > setting.most or not each:
            most = f", and may have {setting.most:,}" if each else ""
            raise RemedyError(f"{place}: {name}: has {len(each):,} values{most}", hint=_hint(setting, place))
        for value in each:
            try:
                setting.check(value)
            except ValueError as error:
                raise RemedyError(
                    f"{place}: {name}: {value[:100]!r} {_said(error)}", hint=_hint(setting, place)
                ) from error
    return dict(values)


def unset(given: Values, used: Collection[str]) -> list[Setting]:
    """The settings that files use, that nobody has given, and whose example is nobody's."""
    own = used if "endpoints" not in used or "endpoints" in given else {*used, "sites"}  # They follow from the sites.
    return [each for each in SETTINGS if each.yours and each.name in own and each.name not in given]


def complete(*layers: Values, used: Collection[str] = ("subnet", "pool", "router")) -> dict[str, tuple[str, ...]]:
    """The defaults under what is set, the later over the earlier, and what follows from them. Raises RemedyError.

    A segment that no file uses need not fit together.
    """
    values = defaults()
    for layer in layers:
        values |= layer
    subnet = ipaddress.IPv4Network(values["subnet"][0])
    if "pool" in used:
        _check_segment(subnet, values)
    sites = [site for site, _, _ in map(_parted, values["sites"])]
    if twice := next((site for site in sites if sites.count(site) > 1), ""):
        raise RemedyError(
            f"sites: {twice} is named twice", hint="A site is of one region: --set sites=clinic-01=us-east"
        )
    regions = tuple(dict.fromkeys(each.partition("=")[2] for each in values["sites"]))
    return values | {
        "subnet": (str(subnet),),  # It may have been written with a netmask, which some daemons do not read.
        "network": (str(subnet.network_address),),
        "netmask": (str(subnet.netmask),),
        "regions": regions,
        # Lines of files that no list can make: a case of a shell, a hook of pre-commit.
        "site_cases": tuple(f"'{site}') region={region} ;;" for site, _, region in map(_parted, values["sites"])),
        "payload_hooks": tuple(_hook(each, values["profiles"][0]) for each in regions),
        "endpoints": values["endpoints"] or tuple(f"{each}.abm.apple.com" for each in regions),
    }


def _check_segment(subnet: ipaddress.IPv4Network, values: Values) -> None:
    """Raises RemedyError for a pool or a router that cannot be of the subnet, or gives away what somebody has."""
    pool, router = [_address(each) for each in values["pool"]], _address(values["router"][0])
    if len(pool) != 2 or any(later < earlier for earlier, later in pairwise(pool)):
        raise RemedyError(
            f"pool: {', '.join(map(str, pool))}", hint="Two addresses: --set pool=192.0.2.100,192.0.2.199"
        )
    for each in (*pool, router):
        if each not in subnet:
            raise RemedyError(f"{each} is not in the subnet {subnet}", hint="Set subnet, pool and router together.")
        if subnet.prefixlen < 31 and each in {subnet.network_address, subnet.broadcast_address}:
            raise RemedyError(
                f"{each} is the subnet's own address or its broadcast, which no host can have",
                hint="Set a pool and a router between the two.",
            )
    for name, each in (("router", router), *(("ntp_addresses", _address(text)) for text in values["ntp_addresses"])):
        if pool[0] <= each <= pool[1]:
            raise RemedyError(
                f"{name}: {each} is in the pool, and would be given away",
                hint="Set a pool that leaves it out: --set pool=FIRST,LAST",
            )


def _parted(text: str) -> tuple[str, str, str]:
    return text.partition("=")


def _hook(region: str, profiles: str) -> str:
    return (
        f"      - id: abm-payload-{region}\n"
        f"        name: validate the enrolment profiles of {region}\n"
        "        language: system\n"
        f"        entry: abm-validate --region {region}\n"
        f"        files: ^{re.escape(profiles)}/{region}/.*\\.mobileconfig$"
    )


def _known(name: str, place: str) -> Setting:
    for each in SETTINGS:
        if each.name == name:
            return each
    raise RemedyError(
        f"{place}: {name[:100]}: there is no such setting", hint=f"There are {', '.join(e.name for e in SETTINGS)}."
    )


def _hint(setting: Setting, place: str) -> str:
    """What the setting is, and how it is written there: on the command line or in a file."""
    example = setting.example or "us-east.abm.apple.com"
    written = f"--set {setting.name}={example}"
    if place != _WORDS:
        listed = ", ".join(f'"{value}"' for value in example.split(","))
        written = f"{setting.name} = [{listed}]" if setting.most > 1 else f"{setting.name} = {listed}"
    return f"{setting.name} is {setting.meaning}: {written}"


def _said(error: ValueError) -> str:
    text = str(error)
    return text if text.startswith("is no") else f"({text})"
