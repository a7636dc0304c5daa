"""MDM products by the words that name them: in an export's format, and in what an organisation calls its servers."""

import re
from typing import Final

PRODUCTS: Final = frozenset({"intune", "jamf", "kandji", "micromdm", "mosyle", "nanomdm", "simplemdm", "zentral"})
"""What names one product wherever it stands; `fleet` may be anybody's fleet."""

_ALSO: Final = {"kandji": "iru"}
"""Kandji calls itself Iru since October 2025."""

_WORD: Final = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a name, folded."""
    return _WORD.findall(text.casefold())


def named(product: str) -> tuple[str, ...]:
    """The words that name the product of a list, such as `jamf`; () for no name."""
    return tuple(each for first in words(product)[:1] for each in (first, _ALSO.get(first)) if each)


def is_another(server: str, product: str) -> bool:
    """Whether the name of an MDM server tells a product, and not that of a list: its devices do not stand there."""
    own = named(product)
    told = {first for each in words(server) if (first := _PRODUCT_OF.get(each, each)) in PRODUCTS}
    return bool(own) and own[0] in PRODUCTS | {"fleet"} and bool(told) and own[0] not in told


_PRODUCT_OF: Final = {other: product for product, other in _ALSO.items()}
