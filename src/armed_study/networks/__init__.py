"""Plain fixed-effects networks: nothing here knows of clusters, adversaries or random effects.

A module of this package that defines ``NETWORK`` is a kind of network, found by its name. The class
is made by ``for_samples(shape, outputs=..., context=..., **settings)`` and says, for what is built
around it, which of its submodules are to be watched (``watch``), the shapes of their outputs for
one sample (``watched_shapes``), and name and width of the last hidden layer (``last_hidden``). One
with convolutions also names the submodule whose maps attribution is made of (``attributed``), one
that encodes the submodule whose output are the latents (``latents``). One that starts from its
training samples has ``initialise(samples)``, see `armed_study.networks.inputs.StartsFromSamples`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from armed import discovery
from armed.errors import ConfigError

if TYPE_CHECKING:  # the workflow reads the kinds while it is parsed, without torch
    from torch import Tensor

    from armed_study.networks.inputs import Context

DEFAULT = "mlp"
_GIVEN = ("outputs", "context")


class Network(Protocol):
    """What every network here offers besides being a module."""

    watch: tuple[str, ...]
    last_hidden: tuple[str, int]
    watched_shapes: tuple[tuple[int, ...], ...]

    def __call__(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Linear predictors, shape (batch, outputs)."""
        ...


def build(
    settings: Mapping[str, Any], shape: tuple[int, ...], *, outputs: int, context: Context
) -> Any:
    """Return the network that a ``network`` block describes, for samples of ``shape``.

    Raises
    ------
    ConfigError
        For an unknown kind, a setting that the kind does not have, or samples of another shape.
    """
    options = dict(settings)
    kind = options.pop("kind", DEFAULT)
    network = discovery.load(__name__, kind, marker="NETWORK", what="network.kind")
    _check_options(kind, options, inspect.signature(network).parameters)
    return network.for_samples(tuple(shape), outputs=outputs, context=context, **options)


def _check_options(kind: str, options: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    known = {
        name: parameter.default is parameter.empty
        for name, parameter in parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in _GIVEN
    }
    unknown = [name for name in options if name not in known]
    if unknown:
        raise ConfigError(
            f"network.kind '{kind}' has no setting '{unknown[0]}'; expected some of "
            f"{', '.join(known)}; correct the network block"
        )
    missing = [name for name, required in known.items() if required and name not in options]
    if missing:
        raise ConfigError(
            f"network.kind '{kind}' needs '{missing[0]}', which the network block does not have; "
            "expected it there; add it"
        )
