"""MDM products by the words that name them: in an export's format, and in what an organisation calls its servers."""

import re
from typing import Final

_PRODUCTS: Final = frozenset({"intune", "jamf", "kandji", "micromdm", "mosyle", "nanomdm", "simplemdm", "zentral"})
"""What names one product wherever it stands; `fleet` may be anybody's fleet."""

_NOW: Final = {"iru": "kandji"}
"""The new name of a product → the one that its format has (SPEC section 4)."""

_WORD: Final = re.compile(r"[^\W_]+")


def named(product: str) -> tuple[str, ...]:
    """The words that name the product of a list, such as `jamf`; () for no name."""
    first = _words(product)[:1]
    return (*first, *(new for new, old in _NOW.items() if [old] == first))


def is_another(server: str, product: str) -> bool:
    """Whether the name of an MDM server tells a product, and not that of a list: its devices do not stand there."""
    told = {_NOW.get(word, word) for word in _words(server)} & _PRODUCTS
    own = _words(product)[:1]
    return bool(told) and not told.issuperset(own) and not (_PRODUCTS | {"fleet"}).isdisjoint(own)


def _words(text: str) -> list[str]:
    """The words of a name, folded."""
    return _WORD.findall(text.casefold())
