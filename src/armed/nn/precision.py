"""In how many bits training computes."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from armed.errors import ConfigError

NAMES = ("full", "mixed", "bfloat16")


class Precision:
    """Full precision, or 16 bits where they do no harm (`torch.autocast`).

    With ``dtype`` float16 losses are scaled so that small gradients do not vanish, and a step with
    an overflow is left out (`torch.amp.GradScaler`); bfloat16 has the range of 32 bits and needs
    neither. Predictions are computed in full.

    Parameters
    ----------
    device : torch.device
    dtype : torch.dtype, optional
        bfloat16 or float16; None: full precision.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype | None = None) -> None:
        self._device, self._dtype = device, dtype
        self._scaler = torch.amp.GradScaler(device.type, enabled=dtype == torch.float16)

    @classmethod
    def choose(cls, name: str, device: torch.device, *, stacked: bool) -> "Precision":
        """Return the precision of that name, one of `NAMES`.

        `mixed` is for single networks on a GPU, and `full` elsewhere, mostly slower there; `bfloat16` is
        for single networks on any device.
        """
        if name not in NAMES:
            raise ConfigError(
                f"unknown precision {name!r}; expected one of {', '.join(NAMES)}; correct "
                "training.precision"
            )
        # Of a stack, a step is bound by the number of operations and not by their arithmetic.
        if stacked or name == "full" or (name == "mixed" and device.type != "cuda"):
            return cls(device)
        if name == "bfloat16":
            return cls(device, torch.bfloat16)
        return cls(device, torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16)

    def context(self) -> AbstractContextManager[object]:
        """Where the losses of a minibatch are computed."""
        if self._dtype is None:
            return nullcontext()
        return torch.autocast(self._device.type, dtype=self._dtype)

    def scaled(self, total: Tensor) -> Tensor:
        """``total`` as it is to be differentiated."""
        return self._scaler.scale(total)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """Take a step with the gradients of a `scaled` total."""
        self._scaler.step(optimizer)
        self._scaler.update()
