"""A network of several inputs as one of a single tensor."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from armed.data.arrays import features, same_length
from armed.data.lazy_rows import read
from armed.errors import DataError

Inputs = Mapping[str, Any] | Sequence[Any]


class SeveralInputs(nn.Module):
    """A network whose inputs lie behind one another in the columns of one tensor.

    Parameters
    ----------
    network : nn.Module
    example : mapping or sequence
        Some samples as the network is called with them: a mapping of the names of its arguments to arrays
        (samples, ...), or arrays in the order of its arguments. Whole numbers stay such, as tokens are.

    Examples
    --------
    >>> class Network(nn.Module):
    ...     def forward(self, image, age):
    ...         return image.mean((1, 2))[:, None] + age
    >>> inputs = {"image": torch.ones(5, 4, 4), "age": torch.ones(5, 1)}
    >>> network = SeveralInputs(Network(), inputs)
    >>> network(network.join(inputs)).shape
    torch.Size([5, 1])
    """

    # Cutting and reshaping are the same of any replica; what the network is, its class says.
    stackable = True

    def __init__(self, network: nn.Module, example: Inputs) -> None:
        super().__init__()
        self.network = network
        arrays = _arrays(example)
        self.names = [*example] if isinstance(example, Mapping) else None
        self.shapes = [tuple(each.shape[1:]) for each in arrays]
        self._whole = [not each.is_floating_point() for each in arrays]

    def join(self, inputs: Inputs) -> Tensor:
        """Return samples as one tensor (samples, columns).

        Raises
        ------
        DataError
            If they have other names or shapes than those of the example.
        """
        known = self.names
        if known is not None and isinstance(inputs, Mapping) and {*known} == {*inputs}:
            inputs = {name: inputs[name] for name in known}
        arrays = _arrays(inputs)
        names = [*inputs] if isinstance(inputs, Mapping) else None
        shapes = [tuple(each.shape[1:]) for each in arrays]
        if (names, shapes) != (self.names, self.shapes):
            raise DataError(
                f"the inputs are {_said(names, shapes)}; expected those of the example, "
                f"{_said(self.names, self.shapes)}; give these"
            )
        return torch.cat([each.flatten(1).float() for each in arrays], 1)

    def forward(self, x: Tensor) -> Any:
        """Call the network with the parts of ``x`` (samples, columns)."""
        parts = torch.split(x, [torch.Size(shape).numel() for shape in self.shapes], 1)
        made = [
            (part.long() if whole else part).reshape(len(x), *shape)
            for part, shape, whole in zip(parts, self.shapes, self._whole, strict=True)
        ]
        if self.names is None:
            return self.network(*made)
        return self.network(**dict(zip(self.names, made, strict=True)))


def _arrays(inputs: Inputs) -> list[Tensor]:
    values = inputs.values() if isinstance(inputs, Mapping) else inputs
    arrays = [read(features(each)) for each in values]
    same_length(**{f"input {number}": each for number, each in enumerate(arrays)})
    return arrays


def _said(names: Sequence[str] | None, shapes: Sequence[tuple[int, ...]]) -> str:
    labels = names or range(len(shapes))
    return ", ".join(f"{label!r} of {shape}" for label, shape in zip(labels, shapes, strict=True))
