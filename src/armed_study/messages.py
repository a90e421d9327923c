"""Wording shared by the errors a user reads: short listings and near matches."""

import datetime
import json
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

REGENERATE = "delete it and run the workflow again, which regenerates it"
"""What to do about a file of the workflow that is not as it was written."""


def listing(values: Iterable[object], limit: int = 8) -> str:
    """Name the first `limit` values and how many more there are: `'a', 'b' and 3 more`."""
    return named((f"'{value}'" for value in values), limit) or "none"


def named(values: Iterable[object], limit: int = 8) -> str:
    """Return the same without quotes, nothing of none: `a, b and 3 more`."""
    names = [str(value) for value in values]
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def suggestion(wanted: object, known: Iterable[object]) -> str:
    """Return ` (did you mean 'x'?)` where something known is spelt like `wanted`, else nothing."""
    by_lower = {str(name).lower(): str(name) for name in known}
    near = get_close_matches(str(wanted).lower(), list(by_lower), n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(repr(by_lower[name]) for name in near)}?)" if near else ""


def short(value: Any, limit: int = 60) -> str:
    """Return a value as JSON, its beginning only if that is long."""
    text = json.dumps(value, default=str)
    return text if len(text) <= limit else f"{text[:limit]}..."


def counted(count: int, noun: str) -> str:
    """Return `1 sample`, `2,000 samples`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def quotes(found: object) -> str:
    """Return what to do about a value that is no text, as YAML reads some words; else nothing.

    Of a list it is the first such value.
    """
    if isinstance(found, list):
        return next((advice for item in found if (advice := quotes(item))), "")
    reads = ""
    if found is None:
        reads = "~ as null, and an empty value"
    elif isinstance(found, bool):
        reads = "yes as true, and on" if found else "no as false, and off"
    elif isinstance(found, int | float):
        reads = f"{found} as a number"
    elif isinstance(found, datetime.date):
        reads = f"{found} as a date"
    return f"; put it in quotes: YAML reads {reads}" if reads else ""
