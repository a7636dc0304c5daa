"""Settings: what passes can mean nothing but itself in any file, and what does not is told with its key."""

import pytest
from hypothesis import given as example_of
from hypothesis import strategies as st

from abm_trace.remedies import remedies, render
from abm_trace.remedies.settings import SETTINGS, RemedyError, Setting, complete, defaults, given, read, unset

HOSTILE = (
    "$(reboot)", "`id`", "a;b", "a b", "a\nb", '"', "'", "x\\", "a|b", "a&b", "#x", "{x}", "[x]", "<x>", "-rf", "../x",
    "a,b", "%x", "*", "ä", "\u202e", "", "x" * 300, "@@router@@",
)  # fmt: skip


@pytest.mark.parametrize("name", [each.name for each in SETTINGS])
@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_can_be_a_command(name: str, value: str) -> None:
    """If this failed, a site's name in a spreadsheet could run as root on a staging host."""
    if "," in value:
        return  # A comma parts the values of a list; each is then looked at by itself.
    with pytest.raises(RemedyError) as caught:
        given([f"{name}={value}"])
    assert name in str(caught.value)
    assert caught.value.hint


@example_of(st.sampled_from([each.name for each in SETTINGS]), st.text(max_size=40))
def test_what_passes_is_plain(name: str, value: str) -> None:
    """If this failed, a sign of a shell, of JSON or of YAML could come through."""
    try:
        found = given([f"{name}={value}"])
    except RemedyError:
        return
    for each in found[name]:
        if name == "sites":  # It stands in a script's single quotes.
            assert not set(each) & set("'\"\\\n\r\t$`*@")
            each = each.rpartition("=")[2]  # noqa: PLW2901  # The region stands elsewhere too.
        assert set(each) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/_-=")
        assert not each.startswith("-")


def test_the_examples_are_settings_that_pass() -> None:
    """If this failed, an error would advise what is refused itself."""
    for each in SETTINGS:
        if each.example:
            assert given([f"{each.name}={each.example}"])[each.name] == defaults()[each.name]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('router = "10.0.0.1', "is no TOML"),
        ("router = true", "router: must be a text or a list of texts"),
        ("router = [[1]]", "router: must be a text or a list of texts"),
        ('router = "10.0.0.256"', "router: '10.0.0.256'"),
        ('router = ["10.0.0.1", "10.0.0.2"]', "router: has 2 values"),
        ("ntp_addresses = []", "ntp_addresses: has 0 values"),
        ('ntp_addresses = ["time.apple.com"]', "ntp_addresses: 'time.apple.com'"),
        ('subnet = "10.0.0.5/8"', "has host bits set"),
        ('rooter = "10.0.0.1"', "rooter: there is no such setting"),
        ("[sites]\na = 1", "sites: must be a table of texts"),
        (f"ntp_addresses = {['10.0.0.1'] * 64}", "ntp_addresses: has 64 values, and may have 63"),
        (f'boot_url = "http://b.example/{"c" * 64}/{"d" * 50}"', "is no URL of 117 characters at most"),
        ('[sites]\n"a  b" = "us-east"', "sites: 'a  b=us-east' is no SITE=REGION: a site has letters, digits, single"),
        ('[sites]\n"a\'b" = "us-east"', "is no SITE=REGION: a site has letters, digits, single blanks"),
        ('ntp_addresses = ["0.0.0.0"]', "ntp_addresses: '0.0.0.0' (no time server can have this address)"),
        ('ntp_addresses = ["255.255.255.255"]', "no time server can have this address"),
        ('ntp_addresses = ["224.0.1.1"]', "no time server can have this address"),
        ('ntp_addresses = ["127.0.0.1"]', "no time server can have this address"),
        ('ntp_names = ["zeit.münchen.example"]', "is no host name; write an international one as xn--"),
        ('ntp_names = ["fe80::1%eth0"]', "is no host name"),
        ('endpoints = ["a.example:65536"]', "is no HOST[:PORT]"),
        ('endpoints = ["a.example:0"]', "is no HOST[:PORT]"),
    ],
)
def test_a_wrong_setting_is_told_with_its_key(text: str, says: str) -> None:
    """If this failed, somebody would look for the mistake in the daemon's log."""
    with pytest.raises(RemedyError) as caught:
        read(text.encode(), "rollout.toml")
    assert says in str(caught.value)
    assert str(caught.value).startswith("rollout.toml: ")
    assert caught.value.hint


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda each: each.name)
def test_the_fix_is_written_as_where_it_is_to_stand(setting: Setting) -> None:
    """If this failed, somebody would write the command line's form into the file, and be refused again."""
    with pytest.raises(RemedyError) as caught:
        read(f"{setting.name} = true".encode(), "rollout.toml")
    fix = caught.value.hint.partition(f"{setting.meaning}: ")[2]
    if setting.example:
        assert read(fix.encode(), "rollout.toml") == {setting.name: defaults()[setting.name]}
    with pytest.raises(RemedyError) as caught:
        given([f'{setting.name}="'])
    assert f": --set {setting.name}=" in caught.value.hint


def test_a_file_and_words_over_it() -> None:
    """If this failed, one setting on the command line would take the file's away."""
    file = read(b'subnet = "10.20.0.0/16"\nrouter = "10.20.0.1"\n[sites]\nnorth = "ap-south"\n', "f")
    values = complete(file, given(["pool=10.20.1.1,10.20.1.9", "router=10.20.0.2"]))
    assert (values["subnet"], values["router"], values["sites"]) == (
        ("10.20.0.0/16",),
        ("10.20.0.2",),
        ("north=ap-south",),
    )
    assert (values["netmask"], values["regions"], values["endpoints"]) == (
        ("255.255.0.0",), ("ap-south",), ("ap-south.abm.apple.com",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["pool=192.0.2.9"], "pool: 192.0.2.9"),
        (["pool=192.0.2.9,192.0.2.3"], "pool: 192.0.2.9, 192.0.2.3"),
        (["router=10.0.0.1"], "10.0.0.1 is not in the subnet 192.0.2.0/24"),
        (["subnet=192.0.2.0"], "is not in the subnet 192.0.2.0/32"),
        (["pool=192.0.2.1,192.0.2.99"], "router: 192.0.2.1 is in the pool"),
        (["pool=192.0.2.9,192.0.2.99"], "ntp_addresses: 192.0.2.10 is in the pool"),
        (["pool=192.0.2.128,192.0.2.255"], "192.0.2.255 is the subnet's own address or its broadcast"),
        (["router=192.0.2.0"], "192.0.2.0 is the subnet's own address or its broadcast"),
        (["sites=a=us-east,a=eu-west"], "sites: a is named twice"),
        (["router"], "--set router: is no NAME=VALUE"),
    ],
)
def test_settings_that_do_not_fit_each_other(words: list[str], says: str) -> None:
    """If this failed, a segment would hand out addresses of another."""
    with pytest.raises(RemedyError) as caught:
        complete(given(words))
    assert says in str(caught.value)
    assert caught.value.hint


def test_what_nobody_has_set_is_known() -> None:
    """If this failed, DHCP would give away a time server that there is not."""
    used = {"subnet", "ntp_addresses", "ntp_names", "delay_s"}
    assert [each.name for each in unset({"subnet": ("x",)}, used)] == ["ntp_addresses"]
    assert [each.name for each in unset({}, {"endpoints"})] == ["sites"]
    assert unset({"endpoints": ("x",)}, {"endpoints"}) == []
    assert complete(given(["subnet=10.0.0.0/8"]), used={"subnet"})["subnet"] == ("10.0.0.0/8",)


def test_every_setting_is_used() -> None:
    """If this failed, somebody would set what changes nothing."""
    plain = [each.text for name in remedies() for each in render(name, complete())]
    changes = {
        "interface": "ens1", "subnet": "192.0.2.0/25", "pool": "192.0.2.101,192.0.2.102", "router": "192.0.2.2",
        "ntp_addresses": "192.0.2.77", "ntp_names": "ntp.example", "sites": "a=b", "endpoints": "x.example",
        "boot_url": "http://b.example", "boot_folder": "/b", "profiles": "p", "policies": "q", "documents": "d.json",
        "delay_s": "3",
    }  # fmt: skip
    assert changes.keys() == {each.name for each in SETTINGS}
    for name, value in changes.items():
        base = ["pool=192.0.2.100,192.0.2.120"] if name == "subnet" else []
        changed = complete(given([*base, f"{name}={value}"]))
        assert [each.text for remedy in remedies() for each in render(remedy, changed)] != plain, name
