"""Whether a network has made probabilities of its output, which a task that takes logits would do again."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

_ATEN = torch.ops.aten
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
