"""Words for what tables say: verdicts by intervals, lists, and text that Markdown shows as it is."""

import re
from collections.abc import Iterable

import pandas as pd
from markupsafe import Markup


class Markdown(Markup):
    """Text that is Markdown already."""


def escape(text: object) -> str:
    """Return text as Markdown that shows it as it is, in one line."""
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", " ".join(str(text).split()))


def listed(names: Iterable[object], most: int | None = None) -> str:
    """Return ``a, b and c``; of more than ``most`` the first, and how many more."""
    texts = [str(name) for name in names]
    if most is not None and len(texts) > most + 1:
        texts = [*texts[:most], f"{len(texts) - most} more"]
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1]))) if texts else "none"


def relation(low: float, high: float) -> str:
    """Say where an effect lies by its interval: above 0, below it, or not to be told from it."""
    if pd.isna(low) or pd.isna(high):
        return "cannot be told, for want of an interval, from"
    if low > 0:
        return "is above"
    return "is below" if high < 0 else "cannot be told from"


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]
