"""Ways of training, one file each: one here or in a folder that defines ``METHOD`` is found by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from armed import discovery

if TYPE_CHECKING:
    from armed.methods.base import Method


def available() -> list[str]:
    """Names of the methods found in this folder; imports none of them."""
    return list(discovery.discover(__name__, "METHOD", families=True))


def load(name: str) -> type[Method]:
    """Return the class of the method in ``armed/methods``, or a folder of it, of the file ``<name>.py``.

    Raises
    ------
    ConfigError
        If there is no such file.
    """
    method: type[Method] = discovery.load(
        __name__, name, marker="METHOD", what="method", families=True
    )
    return method
