"""Log messages, against the lines that public reports quote."""

from abm_lab.apple.sayings import FAILED, RETRYING, TRUST_MAC, UNAVAILABLE, asking, error, silent


def test_messages_read_as_reports_quote_them() -> None:
    """The lab would write errors that no device logs."""
    assert UNAVAILABLE.text == (
        "Error fetching Device Enrollment configuration: (34006) Error Domain=MCCloudConfigurationErrorDomain "
        'Code=34006 "The cloud configuration server is unavailable." UserInfo={NSLocalizedDescription=The cloud '
        "configuration server is unavailable., CloudConfigurationErrorType=CloudConfigurationFatalError}"
    )
    assert TRUST_MAC.text.startswith(
        "[ERROR] Unable to get activation record: Error Domain=MCCloudConfigurationErrorDomain Code=34011 "
        '"The Device Enrollment server trust could not be verified. Please contact your system administrator."'
    )
    assert error("MCSCEPErrorDomain", 22005, "x").text.startswith('Error Domain=MCSCEPErrorDomain Code=22005 "x" ')


def test_each_request_has_its_answer() -> None:
    """A device would ask more or less often than its truth says."""
    said = asking(FAILED, 20, 60)
    assert [saying.asks for _, saying in said] == [True, False, True, False]
    assert silent(5, 9) == ((5, RETRYING), (9, RETRYING))
