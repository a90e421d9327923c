"""Which replicas of a network can be computed together."""

import torch
from torch import nn

_STATEFUL = (nn.modules.batchnorm._BatchNorm, nn.modules.dropout._DropoutNd, nn.RReLU)


def can_stack(method: nn.Module) -> bool:
    """Whether replicas can be stacked: no layer draws random numbers or keeps statistics."""
    # In one computation a layer has one stream of random numbers, and `vmap` cannot update running
    # statistics in place: such replicas would not be what they are alone.
    return not any(
        isinstance(module, _STATEFUL) or getattr(module, "track_running_stats", False)
        for module in method.modules()
    )


def vector_width() -> int:
    """Floats that PyTorch's elementwise loops take at a time: two vector registers.

    Stacks are padded to a multiple of it. Every element of a stacked tensor is then computed by
    vector instructions and none by the scalar code for a remainder, which may round differently: so
    a replica's result does not depend, to the last bit, on how many others it is trained with.
    """
    return 32 if "AVX512" in torch.backends.cpu.get_cpu_capability() else 16
