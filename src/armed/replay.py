"""Recording a tensor computation once and replaying it without Python between its operations.

A step of a small network costs little arithmetic and much bookkeeping: the interpreter, `vmap`,
autograd. The step is therefore traced to a graph of plain tensor operations, backward pass
included, and the graph is run by TorchScript's interpreter. The operations are the same, so the
results are.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, fx
from torch.fx.experimental.proxy_tensor import make_fx

_ALIASES = {torch.ops.aten.detach.default}
_RESHAPES = {
    torch.ops.aten.expand.default,
    torch.ops.aten.view.default,
    torch.ops.aten._unsafe_view.default,
}

Function = Callable[..., Sequence[Tensor]]


def record(function: Function, arguments: Sequence[Tensor]) -> Function:
    """Return ``function`` as a recorded graph, for arguments of these shapes.

    ``function`` may depend on nothing but its arguments: no random numbers, no Python branches on
    values, no changes in place of what outlives the call.
    """
    graph = make_fx(function)(*arguments)
    _drop_no_ops(graph)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        recorded = torch.jit.trace(graph, tuple(arguments), check_trace=False)
    return torch.no_grad()(recorded)


def _drop_no_ops(graph: fx.GraphModule) -> None:
    """Remove what returns its argument unchanged: it costs a call each time."""
    for node in list(graph.graph.nodes):
        if node.op != "call_function":
            continue
        source = node.args[0] if node.args else None
        same = (
            node.target in _ALIASES
            or (node.target is torch.ops.aten.mul.Scalar and node.args[1] == 1)
            or (
                node.target in _RESHAPES
                and isinstance(source, fx.Node)
                and source.meta["val"].shape == node.meta["val"].shape
            )
        )
        if same:
            node.replace_all_uses_with(source)
            graph.graph.erase_node(node)
    graph.graph.eliminate_dead_code()
    graph.recompile()
