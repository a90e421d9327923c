"""Dealing work to parts by name, ``i-of-n``; standard library only."""

import hashlib


def batch_of(name: str, batches: int) -> int:
    """Return the batch, 0 to `batches - 1`, of a name: the same whatever other names there are."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big") % batches


def in_part(name: str, part: str) -> bool:
    """Return whether a name is dealt to a part, ``i-of-n``."""
    number, parts = (int(word) for word in part.split("-of-"))
    return batch_of(name, parts) == number - 1
