"""MDM servers of a scenario."""

from abm_lab.apple.server import Server


def test_an_id_is_made_of_the_name() -> None:
    """Two servers of a case could share an id, and their devices would mix."""
    ids = {Server(name, "jamf").id for name in ("jamf-main", "jamf-west", "fleet-main")}
    assert len(ids) == 3
    assert {len(text) for text in ids} == {32}
    assert Server("jamf-main", "jamf").url == "https://jamf-main.example.org/mdm/enroll"


def test_a_list_that_shows_no_push_is_no_list_of_pushes() -> None:
    """Truths would name a push, or a sync, that the product's own list does not show."""
    assert all(Server("a", product, "list").is_told_well for product in ("jamf", "kandji"))
    assert not Server("a", "intune", "list").is_told_well
    assert not Server("a", "mosyle", "none").is_told_well
    assert all(Server("a", product, "fetch").is_told_well for product in ("mosyle", "jamf"))


def test_who_tells_of_a_push() -> None:
    """A truth that hangs on a push would be planted where no source shows one."""
    assert Server("a", "jamf", "list").tells_push
    assert not Server("a", "intune", "none").tells_push
    assert not Server("a", "jamf", told=False).tells_push
