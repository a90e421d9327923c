"""A random number of its own for each sample: who is drawn does not depend on who else there is."""

import hashlib
import json


def lot(seed: int, purpose: str, sample: str) -> int:
    """Return a number in [0, 2**56), the same on every machine."""
    digest = hashlib.blake2b(json.dumps([seed, purpose, sample]).encode(), digest_size=7)
    return int.from_bytes(digest.digest(), "big")
