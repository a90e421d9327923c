"""Whose scanner an image is from, by one name a manufacturer."""

from collections.abc import Iterable

import pandas as pd

UNKNOWN, SEVERAL = "unknown", "several"
_KNOWN = {"ge": "GE", "general": "GE", "philips": "Philips", "siemens": "Siemens"}


def manufacturer_name(text: object) -> str:
    """Give one name to what sidecars write: ``GE MEDICAL SYSTEMS`` is GE; nothing is unknown."""
    words = str(text).split() if isinstance(text, str) else []
    return _KNOWN.get(words[0].lower(), " ".join(words)) if words else UNKNOWN


def manufacturers(samples: Iterable[object], qc: pd.DataFrame) -> list[str]:
    """Return the manufacturer of each sample, as table `qc` says."""
    written = dict(zip(qc["sample"].astype(str), qc["manufacturer"], strict=True))
    return [manufacturer_name(written.get(str(sample))) for sample in samples]


def of_site(names: Iterable[str]) -> str:
    """Return the manufacturer of a site whose scans are from these: theirs, or `several`."""
    known = set(names) - {UNKNOWN}
    return SEVERAL if len(known) > 1 else next(iter(known), UNKNOWN)


def order_manufacturers(names: Iterable[str]) -> list[str]:
    """Sort by name, `several` and `unknown` last."""
    return sorted(set(names), key=lambda name: (name == UNKNOWN, name == SEVERAL, name))
