"""Spreading work over shards, ``i-of-n``, by name; standard library only."""

import hashlib


def shard_of(name: str, shards: int) -> int:
    """Return the shard, 0 to `shards - 1`, of a name: the same whatever other names there are."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big") % shards


def in_shard(name: str, shard: str) -> bool:
    """Return whether a name belongs to a shard, ``i-of-n``."""
    number, shards = (int(word) for word in shard.split("-of-"))
    return shard_of(name, shards) == number - 1
