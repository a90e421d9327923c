"""Spreading work over shards, ``i-of-n``, by name; standard library only."""

import hashlib


def in_shard(name: str, shard: str) -> bool:
    """Return whether a name belongs to a shard, ``i-of-n``, whatever other names there are."""
    number, shards = map(int, shard.split("-of-"))
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big") % shards == number - 1
