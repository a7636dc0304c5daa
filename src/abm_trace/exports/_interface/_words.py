"""The layers and causes in words."""

from typing import Final

LAYERS: Final = {
    "L0": ("other", "a cause outside the seven layers"),
    "L1": ("trust", "TLS chain, root or OCSP staple"),
    "L2": ("ambiguity", "accepted, but no device named, or no check-in"),
    "L3": ("clock", "the device's time is off"),
    "L4": ("region", "token and endpoint differ in region (204)"),
    "L5": ("payload", "the profile lost its method or server"),
    "L6": ("identity", "identifier unstable or duplicate (4001)"),
    "L7": ("limbo", "Pending too long, nothing else is proved"),
}
"""Layer → its word, and what it means."""

SIDES: Final = {"apple": "ABM or DEP", "mdm": "MDM inventory"}
"""The two sides of a confirmation, and what speaks for each."""

NO_LAYER: Final = "nothing proves what stopped them"


def layer_name(layer: str, cause: str = "") -> str:
    """The word of a layer, the cause's own where there is one."""
    if cause:
        return cause.replace("_", " ")
    return LAYERS[layer][0] if layer in LAYERS else "no layer proved"
