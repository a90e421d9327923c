"""Tracing a tensor computation once and running the trace without `vmap` and autograd.

A step of a small network costs little arithmetic and much bookkeeping: `vmap` wraps every tensor of
every operation, autograd notes it. The step is therefore traced to a graph of plain tensor operations,
backward pass included, and the graph is run as the Python that `torch.fx` writes for it. The operations
are the same, so the results are, to the last bit.
"""

# What it gains (processor time of `fit`, 50 replicas of the spirals, one thread, 1 to 5 epochs): 1.4 to 1.7
# times for ARMED and LMMNN, 1.9 to 2.4 for the conventional network. TorchScript's interpreter, which ran
# the graph before and is deprecated, was faster by another 1.15 to 1.3. `torch.compile` would replace all
# of this once compiling the steps of a small study takes less time than it saves.

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, fx
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

_ALIASES = {torch.ops.aten.alias.default, torch.ops.aten.detach.default}
_INVERSES = {torch.ops.aten.neg.default, torch.ops.aten.transpose.int}  # of themselves
_MUL, _PERMUTE = torch.ops.aten.mul.Scalar, torch.ops.aten.permute.default
_RESHAPES = {
    torch.ops.aten.expand.default,
    torch.ops.aten.view.default,
    torch.ops.aten._unsafe_view.default,
}

Function = Callable[..., Sequence[Tensor]]
Effect = Callable[..., None]


def traced(
    function: Function, arguments: Sequence[Tensor], effect: Effect | None = None
) -> Function:
    """Return ``function`` as a graph of tensor operations, for arguments of these shapes.

    ``function`` may depend on nothing but its arguments: no random numbers, no Python branches on
    values, no changes in place of what outlives the call. Only ``effect``, which it is given first if
    there is one, may change arguments in place: it is called, with tensors or texts, where the trace is run.
    """
    recorder = _Recorder(arguments)
    with recorder:
        first = () if effect is None else (recorder.later(effect),)
        results = function(*first, *arguments)
    recorder.graph.output(tree_map(recorder.node_of, tuple(results)))
    graph = fx.GraphModule(recorder.constants, recorder.graph)
    _drop_no_ops(graph, effect)
    return torch.no_grad()(graph)


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes each tensor operation that PyTorch carries out, below `vmap` and autograd, to a graph.

    It is what ``make_fx`` does, less what a compiler needs of it: that one imports the compiler, which
    takes longer than training a small network.
    """

    def __init__(self, arguments: Sequence[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.graph, self.constants = fx.Graph(), torch.nn.Module()
        self._nodes: dict[int, fx.Node] = {}
        self._alive: list[Tensor] = []  # an id is another tensor's once its own is gone
        for number, tensor in enumerate(arguments):
            self._know(tensor, self.graph.placeholder(f"argument_{number}"))

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Without this the compiler is imported, to be told that it is not to compile the next method."""
        return False

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        node = self.graph.call_function(
            func, tree_map(self.node_of, args), tree_map(self.node_of, kwargs)
        )
        result = func(*args, **kwargs)
        if isinstance(result, Tensor):
            self._know(result, node)
        elif isinstance(result, tuple | list):
            for place, part in enumerate(result):
                if isinstance(part, Tensor):
                    self._know(part, self.graph.call_function(operator.getitem, (node, place)))
        return result

    def later(self, effect: Effect) -> Effect:
        """Return what writes a call of ``effect`` to the graph in the place of calling it."""

        def call(*args: Any) -> None:
            self.graph.call_function(effect, tree_map(self.node_of, args))

        return call

    def node_of(self, value: Any) -> Any:
        """Return the node of a tensor, a new one if it comes from outside; other values as they are."""
        if not isinstance(value, Tensor):
            return value
        if id(value) not in self._nodes:
            name = f"constant_{len(self._alive)}"
            self.constants.register_buffer(name, value)
            self._know(value, self.graph.get_attr(name))
        return self._nodes[id(value)]

    def _know(self, tensor: Tensor, node: fx.Node) -> None:
        node.meta["shape"] = tensor.shape
        self._nodes[id(tensor)] = node
        self._alive.append(tensor)


def _drop_no_ops(graph: fx.GraphModule, effect: Effect | None) -> None:
    """Remove what returns its argument unchanged, or what is known already: it costs a call each time."""
    known: dict[str, fx.Node] = {}
    for node in list(graph.graph.nodes):
        if node.op != "call_function":
            continue
        if node.target is effect:
            known.clear()  # arguments have changed, and with them what was made of them
            continue
        # A node is written as its name: one operation of the same arguments has one text.
        same = _unchanged(node) or known.setdefault(f"{node.target}{node.args}{node.kwargs}", node)
        if same is not node:
            node.replace_all_uses_with(same)
            graph.graph.erase_node(node)
    graph.graph.eliminate_dead_code(lambda node: node.is_impure() or node.target is effect)
    graph.recompile()


def _unchanged(node: fx.Node) -> fx.Node | None:
    """Return the node that ``node`` returns unchanged, if it does."""
    source = node.args[0] if node.args else None
    if not isinstance(source, fx.Node):
        return None
    if node.target in _ALIASES or (node.target is _MUL and node.args[1] == 1):
        return source
    if node.target in _RESHAPES and source.meta["shape"] == node.meta["shape"]:
        return source
    if node.target is _PERMUTE and node.args[1] == sorted(node.args[1]):  # type: ignore[arg-type]
        return source
    if node.target in _INVERSES and (node.target, *node.args[1:]) == (
        source.target,
        *source.args[1:],
    ):
        return source.args[0]  # type: ignore[return-value]
    return None
