"""Signatures of OAuth 1.0a, by the example of the standard."""

from abm_lab.serve.oauth1 import parameters, signature

# From: RFC 5849, section 1.2
HEADER = (
    'OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", '
    'oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_nonce="chapoH", '
    'oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"'
)


def test_the_standards_example() -> None:
    """A client that signs as the standard says would be refused."""
    given = parameters(HEADER)
    url = "http://photos.example.net/photos?file=vacation.jpg&size=original"
    made = signature("GET", url, given, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00")
    assert made == given["oauth_signature"] == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


def test_a_port_counts_unless_it_is_the_schemes_own() -> None:
    """A client on a port of the lab's would be refused, or one that names the ordinary port."""
    given = parameters(HEADER)
    signs = {
        url: signature("GET", url, given, "a", "b") for url in ("https://H:443/x", "https://h/x", "https://h:444/x")
    }
    assert signs["https://H:443/x"] == signs["https://h/x"] != signs["https://h:444/x"]


def test_another_scheme_has_no_parameters() -> None:
    """A bearer token would be taken for a signature."""
    assert parameters('Bearer oauth_token="x"') == {}
