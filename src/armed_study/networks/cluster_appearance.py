"""A reconstruction that is asked to look like those of its cluster."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from armed.data.samples import Batch
from armed.losses import Term
from armed.tasks.reconstruction import ReconstructionTask


class ClusterAppearanceTask(ReconstructionTask, nn.Module):
    r"""``c BCE(y, y^) + MSE(x, x^)`` and, of the mixed output, ``+ w CE(z, d(xM))``.

    ``d`` is a classifier of the cluster from an image. It learns on the images themselves, and asks of the
    mixed reconstruction ``xM`` to carry what tells its cluster.

    Parameters
    ----------
    shape, outcome_weight, changed_images
        See `armed.tasks.reconstruction.ReconstructionTask`.
    fixed_outcome : bool
        Whether the fixed effects are trained to predict the outcome, or to reconstruct only.
    appearance_weight : float
        ``w``; 0 leaves the term out, and with it the need of a classifier.

    References
    ----------
    Nguyen, Treacher and Montillo, IEEE TPAMI 45(7):8081-8093, 2023: the live-cell study.
    """

    appearance: nn.Module

    def __init__(
        self,
        shape: Sequence[int],
        *,
        outcome_weight: float = 1.0,
        changed_images: bool = True,
        fixed_outcome: bool = True,
        appearance_weight: float = 0.0,
    ) -> None:
        nn.Module.__init__(self)
        ReconstructionTask.__init__(
            self, shape, outcome_weight=outcome_weight, changed_images=changed_images
        )
        self.fixed_outcome, self.appearance_weight = fixed_outcome, appearance_weight

    def terms(self, output: Tensor, batch: Batch, name: str = "outcome") -> list[Term]:
        """As in `Task.terms`; of ``fixed`` effects without the outcome, if they are to leave it."""
        if name == "fixed" and not self.fixed_outcome:
            return self.other_terms(output, batch, name)
        return super().terms(output, batch, name)

    def other_terms(self, output: Tensor, batch: Batch, name: str = "outcome") -> list[Term]:
        """Squared error of the reconstruction; of ``mixed`` outputs its cluster's appearance, too."""
        terms = super().other_terms(output, batch, name)
        if name == "mixed" and self.appearance_weight:
            value = self._cross_entropy(self.image(output), batch)
            terms.append(Term("mixed_appearance", value, self.appearance_weight))
        return terms

    def own_terms(self, batch: Batch) -> list[Term]:
        """Loss of the classifier on the images themselves."""
        return [Term("appearance", self._cross_entropy(batch.x, batch))]

    def _cross_entropy(self, images: Tensor, batch: Batch) -> Tensor:
        loss = F.cross_entropy(self.appearance(images), batch.z, reduction="none")
        return self.image_mean(loss, batch)
