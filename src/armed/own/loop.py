"""A method in a training loop of somebody's own."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from armed.data.arrays import same_length
from armed.data.factors import first_factor, fitting
from armed.data.samples import Batch, Samples, clusters_of
from armed.losses import LossTerms, Term
from armed.methods.base import Method
from armed.nn.measured import named_failure, prepared
from armed.prediction.at_zero import measure_at_zero
from armed.training.ensemble import Ensemble
from armed.training.optimizers import FitSettings
from armed.training.preparation import prepare


class OwnLoop:
    """What a training loop has to know of a method: parameters by group, losses of a minibatch, an update.

    Order of the samples, augmentation, optimisers, precision and device are its owner's. Each group, such as
    ``adversary`` and ``model``, has an optimiser of its own, and takes its step before the losses of the next
    are asked for.

    Parameters
    ----------
    method : Method
        On the device where it is to be trained; see `armed.own.network.around`.
    samples : Samples
        All training samples, which effects and their variances are estimated from.
    seed : int
        Of the noise.

    Raises
    ------
    ArmedError
        If samples and method do not fit each other.

    Examples
    --------
    >>> from armed import around
    >>> samples = Samples(torch.randn(40, 3), torch.arange(40) % 2, torch.arange(40) % 4)
    >>> method = around(nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1)), samples)
    >>> loop = OwnLoop(method, samples)
    >>> optimizers = {name: torch.optim.Adam(own) for name, own in loop.parameters().items()}
    >>> for group, terms in loop.losses(samples.x[:20], samples.y[:20], samples.z[:20]):
    ...     optimizers[group].zero_grad()
    ...     terms.total.backward()
    ...     _ = optimizers[group].step()
    >>> terms.names
    ('mixed', 'fixed', 'kl', 'cluster')
    >>> loop.update()
    """

    def __init__(self, method: Method, samples: Samples, *, seed: int = 0) -> None:
        (self._samples,), _ = prepare(
            [method], [samples], None, seeds=[seed], settings=FitSettings()
        )
        self.method = method
        self._generator = torch.Generator().manual_seed(seed)
        if method.effects is not None and not method.effects.on_hidden:
            self.update()  # variances are estimates from the first step on
        method.train()

    def parameters(self) -> dict[str, list[nn.Parameter]]:
        """Parameters by group, in the order of their steps."""
        named = dict(self.method.named_parameters())
        return {group: [named[n] for n in own] for group, own in self.method.groups().items()}

    def losses(
        self, x: Tensor, y: Any, z: Any, weight: Tensor | None = None
    ) -> Iterator[tuple[str, LossTerms]]:
        """Groups in the order of their steps, and the named terms of their losses; ``total`` is minimised.

        Parameters
        ----------
        x, y, z
            A minibatch, as in `Samples`.
        weight : Tensor, shape (batch,), optional
            Of the outcome's losses, of mean 1 over all samples.
        """
        method, batch = self.method, self._batch(x, y, z, weight)
        with named_failure(method, batch.x, "trained"):
            outputs = method.outputs(batch)
        for group in method.groups():
            with named_failure(method, batch.x, "trained"):
                terms = method.losses(group, batch, outputs)
                if group == "task":
                    terms = LossTerms(*method.task.own_terms(batch))
                penalties = [
                    method.get_submodule(path).penalty()  # type: ignore[operator]
                    for path in method.penalised(group)
                ]
            yield group, LossTerms(*terms, *(Term("penalty", each) for each in penalties))

    def update(self, *, last: bool = False) -> None:
        """Find effects and variances, after an epoch; ``last``: after training, until nothing changes."""
        method, own = self.method, self._samples
        device = next(method.parameters()).device
        if method.updates:
            parts = (own.y, own.z, torch.ones(len(own)) if own.weight is None else own.weight)
            # An ensemble of one that is run as it is written.
            alone = Ensemble([method], device=device, pad=False)
            alone.update(own.x[None], *(part[None].to(device) for part in parts), last=last)
            alone.unstack()
        method.train(not last)
        if last:
            measure_at_zero(method, own)

    def _batch(self, x: Tensor, y: Any, z: Any, weight: Tensor | None) -> Batch:
        method = self.method
        device = next(method.parameters()).device
        x = prepared(method, torch.as_tensor(x)).to(device)
        y = method.task.outcome(torch.as_tensor(y)).to(device)
        z = fitting(clusters_of(z), method.clusters, method.further)
        same_length(x=x, y=y, z=z)
        one = torch.ones(len(x), device=device)
        noise = method.draw(self._generator, 1, len(x))[0]
        scale = self._kl_scale(z)
        parts = (z, one, one if weight is None else weight, scale, noise, 0 * one)
        return Batch(x, y, *(part.to(device) for part in parts))

    def _kl_scale(self, z: Tensor) -> Tensor:
        """``n / n_z``, see `armed.data.samples.Samples.kl_scale`."""
        first = first_factor(z, len(self.method.further))
        every = first_factor(self._samples.z, len(self.method.further))
        total = every.sum(0) if every.is_floating_point() else torch.bincount(every)
        if first.is_floating_point():
            return len(every) * first / torch.where(total > 0, total, 1)
        return len(every) / total[first].clamp_min(1).float()
