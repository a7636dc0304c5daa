"""MDM products by the words that name them."""

import pytest

from abm_trace.core.products import is_another, named


@pytest.mark.parametrize(
    ("server", "product", "another"),
    [
        ("Jamf Cloud", "simplemdm", True),
        ("intune-emea", "fleet", True),
        ("Iru", "kandji", False),
        ("Iru", "jamf", True),
        ("Kandji", "kandji", False),
        ("Jamf to Intune", "intune", False),
        ("Jamf", "jamf", False),
        ("North", "jamf", False),
        ("Fleet of iPads", "jamf", False),
        ("Jamf", "mdm-inventory", False),
        ("Jamf", "acme", False),
        ("Jamf", "", False),
        ("", "jamf", False),
    ],
)
def test_a_servers_name_tells_whose_devices_do_not_stand_in_a_list(server: str, product: str, another: bool) -> None:
    """A device would vanish for a list of another MDM, or be unread for a name that tells no product."""
    assert is_another(server, product) is another


def test_one_product_has_the_names_that_it_had() -> None:
    """The list of Kandji's devices would not be that of the server that is called Iru."""
    assert named("kandji") == ("kandji", "iru")
    assert named("Jamf Pro") == ("jamf",)
    assert named("") == ()
