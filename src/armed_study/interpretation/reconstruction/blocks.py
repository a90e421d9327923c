"""What is measured of images block by block, by output and metric."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor


class Blocks:
    """Values of each output and metric, (rows,), of which blocks of rows come one after another."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, list[Tensor]]] = {}

    def add(self, effect: str, measured: Mapping[str, Tensor]) -> None:
        """Append a block of an output: by metric (rows of the block,)."""
        for metric, values in measured.items():
            self._parts.setdefault(effect, {}).setdefault(metric, []).append(values)

    def whole(self) -> dict[str, dict[str, np.ndarray]]:
        """Return all rows, by output and metric."""
        return {
            effect: {metric: joined(parts) for metric, parts in measured.items()}
            for effect, measured in self._parts.items()
        }


def joined(parts: Sequence[Tensor]) -> np.ndarray:
    """Return blocks of rows as one array of float32."""
    return torch.cat(list(parts)).float().cpu().numpy()
