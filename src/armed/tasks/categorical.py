"""One of several labels."""

import torch
from torch import Tensor
from torch.nn import functional as F

from armed.tasks.base import Task


class CategoricalTask(Task):
    """One of ``classes`` labels, ``y ~ Categorical(softmax(eta))``; the output holds their logits.

    Parameters
    ----------
    classes : int
        Number of labels, numbered from 0.
    """

    def __init__(self, classes: int) -> None:
        self.outputs = classes

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Categorical cross-entropy per sample; ``y`` holds class indices."""
        return F.cross_entropy(output, y, reduction="none")

    def score(self, output: Tensor) -> Tensor:
        """Class probabilities, shape (batch, classes)."""
        return torch.softmax(output, dim=-1)
