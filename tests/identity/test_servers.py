"""MDM servers: by their name, ABM's id of them, the file that is named after them, the product."""

import pytest

from abm_trace.core.nouns import Fact, Origin
from abm_trace.identity.servers import Servers


def fact(path: str = "dep/page.json", by: str = "dep-devices", **attrs: str) -> Fact:
    """A fact of an MDM server's."""
    return Fact("dep_record", 1, "dep", "assigned", attrs, Origin(path, by))


SERVERS = Servers.named(
    [
        fact(server="Clinic MDM", server_id="A1B2"),
        fact(server="jamf-prod"),
        fact(server="Iru"),
        fact(server="mdm-1"),
        fact(server="mdm-10"),
    ]
)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (fact(server="clinic mdm"), "Clinic MDM"),
        (fact(server="another"), "another"),
        (fact(server_id="a1b2"), "Clinic MDM"),
        (fact("dep/clinic-mdm.json"), "Clinic MDM"),
        (fact("dep/clinic_mdm/fetch.json"), "Clinic MDM"),
        (fact("dep/mdm-10.json"), "mdm-10"),
        (fact("dep/mdm-1/mdm-100.json"), "mdm-1"),
        (fact("exports/devices.json", by="jamf"), "jamf-prod"),
        (fact("exports/devices.json", mdm="jamf"), "jamf-prod"),
        (fact("exports/devices.json", by="kandji"), "Iru"),
        (fact("exports/devices.json"), ""),
    ],
)
def test_a_server_by_any_of_its_names(said: Fact, name: str) -> None:
    """If this failed, one server would be two, or a page would be another server's."""
    assert SERVERS.of(said) == name


def test_a_fact_learns_the_name_of_its_server() -> None:
    """If this failed, a device would not know whose it is."""
    assert SERVERS.naming(fact(server_id="A1B2", serial="X")).attrs == {
        "server_id": "A1B2", "serial": "X", "server": "Clinic MDM",
    }  # fmt: skip
    assert SERVERS.naming(fact(serial="X")).attrs == {"serial": "X"}


def test_an_id_of_two_names_names_none() -> None:
    """If this failed, the file that came last would decide."""
    two = Servers.named([fact(server="one", server_id="X"), fact(server="two", server_id="X")])
    assert two.of(fact(server_id="X")) == ""
