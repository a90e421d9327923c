"""Names that users write: of columns, clusters, groups, levels and classes, and forms of the same one."""

import re
import unicodedata
from collections.abc import Iterable


def plain(name: str) -> str:
    """Return a name composed as Unicode has it (NFC), without blanks around it."""
    return unicodedata.normalize("NFC", name).strip().strip("\ufeff\u200b").strip()


def whole(name: str) -> str:
    """Return `11.0` as `11`, as joined exports have both, and `-0` as `0`; anything else as it is."""
    return re.sub(r"^-(0+)$", r"\1", re.sub(r"^([+-]?[0-9]+)\.0+$", r"\1", name))


def form(name: str) -> str:
    """Return what all forms of a name share.

    They may differ by case, runs of blanks, invisible or full-width characters, and a decimal point
    without decimals. `1.10` is not `1.1`, nor `01` `1`.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    visible = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    return whole(" ".join(visible.split()))


def same_name(name: str, known: Iterable[str]) -> str:
    """Return the one of those `known` that is `name`, or its only other form; else `name`."""
    known = list(known)
    forms = [other for other in known if form(other) == form(name)]
    return forms[0] if name not in known and len(forms) == 1 else name
