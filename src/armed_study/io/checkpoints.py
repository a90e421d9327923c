"""Parameters of trained models: files of arrays, with a checksum of what they hold."""

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from armed.errors import DataError
from armed_study.io.atomic import replacing
from armed_study.messages import REGENERATE

ABOUT = ("folds", "seeds", "epochs")
"""Arrays that tell of the replicas; all others are parameters, see `joined`."""

_CHECKSUM = "crc32"


def joined(states: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return arrays of replicas, the replica first; where shapes differ, by ``replica/name``."""
    if len({tuple((name, np.shape(v)) for name, v in state.items()) for state in states}) == 1:
        return {name: np.stack([state[name] for state in states]) for name in states[0]}
    about = {name: np.stack([state[name] for state in states]) for name in ABOUT}
    own = [(i, name, state[name]) for i, state in enumerate(states) for name in state]
    return about | {f"{i}/{name}": value for i, name, value in own if name not in ABOUT}


def write_state(state: Mapping[str, np.ndarray], path: str | Path) -> None:
    """Write the parameters of a model and what describes its replicas (`ABOUT`); safetensors."""
    arrays = {name: np.ascontiguousarray(value) for name, value in state.items()}
    with replacing(path) as part:
        # Not by `save_file`, whose error on a full disk is no OSError.
        part.write_bytes(save(arrays, metadata={_CHECKSUM: _checksum(arrays)}))


def read_state(path: str | Path) -> dict[str, np.ndarray]:
    """Read what `write_state` wrote.

    Raises
    ------
    DataError
        When there is no such file, or it is damaged or another one.
    """
    try:
        with safe_open(path, framework="np") as file:
            expected = (file.metadata() or {}).get(_CHECKSUM)
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise DataError(
            f"{path}: found no parameters that can be read ({error}), expected those of a model; "
            f"{REGENERATE}"
        ) from error
    if absent := [name for name in ABOUT if name not in state]:
        raise DataError(
            f"{path}: has no '{absent[0]}', expected the state of a model; {REGENERATE}"
        )
    if expected != _checksum(state):
        raise DataError(
            f"{path}: its values do not fit its checksum, expected a file as it was written; {REGENERATE}"
        )
    return state


def _checksum(arrays: Mapping[str, np.ndarray]) -> str:
    found = 0
    for name in sorted(arrays):
        value = arrays[name]
        found = zlib.crc32(f"{name} {value.dtype.str} {value.shape}".encode(), found)
        found = zlib.crc32(value.tobytes(), found)
    return f"{found:08x}"
