"""Fitted estimators in one file: tensors of safetensors, and JSON in its head. Nothing in it is run."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as packed

from armed.errors import ConfigError, DataError
from armed.sklearn.inputs import Standardised

FORMAT = "armed estimator 1"
METHOD, INPUTS = "method.", "inputs."


def save(estimator: Any, path: Any) -> None:
    """Write an estimator; a file of that name is replaced as soon as the new one is complete."""
    # Code is not kept, only values: who trained a network of their own gives it again.
    given = estimator.get_params(deep=False)
    known = {
        "format": FORMAT,
        "class": type(estimator).__name__,
        "default_network": given.pop("network") is None,
        "parameters": {name: _saved(value) for name, value in given.items()},
        "attributes": {name: _array(value) for name, value in _attributes(estimator).items()},
        "shape": list(estimator._shape),
        "names": {name: list(names) for name, names in estimator._names.items()},
        "results": estimator._results,
    }
    tensors = {METHOD + name: v for name, v in estimator.method_.state_dict().items()}
    inputs = estimator._inputs
    tensors |= {INPUTS + n: torch.as_tensor(getattr(inputs, n)) for n in ("mean", "scale")}
    # Made as a whole before anything is written.
    content = packed(
        {name: value.detach().cpu().contiguous() for name, value in tensors.items()},
        metadata={"armed": json.dumps(known, default=_plain)},
    )
    # In the same folder, as only there a file takes the place of another at once.
    part = Path(f"{os.fspath(path)}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _attributes(estimator: Any) -> dict[str, Any]:
    """Fitted attributes that are numbers or arrays."""
    names = ("n_features_in_", "feature_names_in_", "classes_", "y_mean_", "y_scale_")
    return {name: getattr(estimator, name) for name in names if hasattr(estimator, name)}


def _saved(value: Any) -> Any:
    """Parameters as JSON; of a dictionary its items, whose keys may be no text."""
    if isinstance(value, Mapping):
        return {"items": [list(pair) for pair in value.items()]}
    return None if isinstance(value, np.random.RandomState) else value


def _array(value: Any) -> Any:
    return (
        {"type": value.dtype.str, "values": value.tolist()}
        if isinstance(value, np.ndarray)
        else value
    )


def _plain(value: Any) -> Any:
    """Return what JSON does not know as what it does."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise ConfigError(
        f"a name or parameter is {value!r} of type {type(value).__name__}; expected text, numbers or "
        "booleans in a file; give clusters, classes and parameters as such"
    )


def load(kind: type[Any], path: Any, network: Any) -> Any:
    """Return the estimator of a file, which is to be of that class."""
    known, tensors = _read(Path(path))
    if known["class"] != kind.__name__:
        raise DataError(
            f"{path} holds a {known['class']}; expected a {kind.__name__}; call {known['class']}.load"
        )
    if known["default_network"] and network is not None:
        raise ConfigError(
            f"{path} holds the default network and another one is given; expected none; leave it out"
        )
    if not known["default_network"] and network is None:
        raise ConfigError(
            f"{path} holds the values of a network of yours and none is given; expected the network that was "
            "trained; give it, as load(path, network=...)"
        )
    given = {
        name: dict(value["items"]) if isinstance(value, dict) else value
        for name, value in known["parameters"].items()
    }
    estimator = kind(network=network, **given)
    for name, value in known["attributes"].items():
        array = isinstance(value, dict)
        setattr(estimator, name, np.array(value["values"], value["type"]) if array else value)
    estimator._shape = tuple(known["shape"])
    estimator._names = {name: tuple(names) for name, names in known["names"].items()}
    estimator._results = known["results"]
    estimator._inputs = Standardised(*(tensors[INPUTS + n].numpy() for n in ("mean", "scale")))
    estimator.method_ = _method(estimator, tensors, path)
    return estimator


def _method(estimator: Any, tensors: Mapping[str, torch.Tensor], path: Any) -> Any:
    """Return the method of an estimator with the values of a file."""
    # Built as before training; every value is then that of the file.
    method = estimator._method(seed=0)
    state = {n.removeprefix(METHOD): v for n, v in tensors.items() if n.startswith(METHOD)}
    try:
        method.load_state_dict(state)
    except RuntimeError as error:
        first = " ".join(str(error).split())[:200]
        raise ConfigError(
            f"the network is another one than that of {path} ({first}); expected the one that was trained; "
            "give it"
        ) from error
    factors = iter(estimator._names.items())
    # Names by which clusters to predict are found.
    _, method.names = next(factors, ("", None))
    method.further_names = dict(factors)
    return method.to(estimator.device).eval()


def _read(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Return JSON and tensors of a file."""
    try:
        with safe_open(path, framework="pt") as file:
            known = json.loads((file.metadata() or {}).get("armed", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise DataError(
            f"{path} cannot be read ({error}); expected a file of an estimator's save; save it again"
        ) from error
    if known.get("format") != FORMAT:
        raise DataError(
            f"{path} is of format {known.get('format')!r}; expected {FORMAT!r}; save the estimator again"
        )
    return known, tensors
