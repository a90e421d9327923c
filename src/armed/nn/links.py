"""Whether a network has made probabilities of its output, which a task that takes logits would do again."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

_ATEN = torch.ops.aten
_FAR = 1e3
_LINKS = {
    _ATEN.sigmoid: "sigmoid",
    _ATEN.sigmoid_: "sigmoid",
    _ATEN.hardsigmoid: "hard sigmoid",
    _ATEN.hardsigmoid_: "hard sigmoid",
    _ATEN.log_sigmoid_forward: "log-sigmoid",
    _ATEN._softmax: "softmax",
    _ATEN._log_softmax: "log-softmax",
}


class LinkRecorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Records what sigmoids and softmaxes return while a network is run, by a module or a function."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._results: list[tuple[str, Tensor, Tensor]] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled here: PyTorch would import its compiler first, for over a second of a job."""
        return False

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        name = _LINKS.get(func.overloadpacket)
        if name is not None:
            first = result if isinstance(result, Tensor) else result[0]
            self._results.append((name, first, first.clone()))
        return result

    def last(self, output: Tensor) -> str | None:
        """Return the name of the link whose result ``output`` is, or a view of."""
        # In the same memory, and nothing was done to it there since: no other network looks like that.
        memory = output.untyped_storage().data_ptr()
        for name, result, values in self._results:
            if result.untyped_storage().data_ptr() == memory and torch.equal(result, values):
                return name
        return None


def seems_linked(network: nn.Module, run: Callable[[], Tensor], output: Tensor) -> bool:
    """Whether an output seems to be of probabilities, in whatever way they were made.

    That is, it lies between 0 and 1, and no tensor of parameters brings it out of there: each in turn, the
    smallest first, is multiplied by a large negative number and put back. A logit follows the weights or the
    bias of its last layer out of all bounds.

    Parameters
    ----------
    network
        Whose parameters are tried.
    run
        Gives the output for the parameters as they are then, in evaluation mode and without gradients.
    output : Tensor
        What it gave before.
    """
    if not ((output > 0) & (output < 1)).all():
        return False
    for parameter in sorted(network.parameters(), key=torch.numel):
        before = parameter.clone()
        try:
            parameter.mul_(-_FAR)
            tried = run()
        except Exception:  # a network that guards itself against such values says nothing
            return False
        finally:
            parameter.copy_(before)
        # A ratio of two exponentials may have overflowed.
        if ((tried < 0) | (tried > 1)).any():
            return False
    return True
