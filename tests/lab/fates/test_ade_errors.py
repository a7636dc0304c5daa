"""Errors of the device itself before it has its profile."""

from abm_lab.fates import discover


def test_the_last_word_of_a_failing_device_is_an_error() -> None:
    """A success would follow the error, and the error would prove nothing."""
    for fate_id in ("ade_34000", "ade_34006", "ade_34008", "ade_33014", "ade_ucrt", "ade_33023", "ade_33003"):
        life = discover()[fate_id].life
        assert life is not None
        assert life.says[-1][1].level == "Error"
        assert (life.pushed_s, life.enrolled_s) == (None, None)
