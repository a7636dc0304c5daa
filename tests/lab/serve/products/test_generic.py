"""The MDM server of the guide's devices."""

from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab


def test_one_serial_and_the_guides_fields(mixed: Lab, curl: Curl) -> None:
    """The guide's MDM side would lack a field that its check asks for."""
    token = curl.about["mdm"]["mdm-main"]["secret"]
    serial = mixed.world.inventory(mixed.clock.end)[0].serial
    (row,) = curl.json(f"/mdm/mdm-main/api/v1/devices?serial_number={serial}", token=token)["devices"]
    assert {"serial_number", "udid", "created_at", "enrolled_at", "enrollmentMethod", "abmTokenId"} <= row.keys()
    assert b"simulated" in curl.one("/mdm/mdm-main/api/v1/nothing", token=token)[1]
