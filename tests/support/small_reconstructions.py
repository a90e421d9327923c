"""Tiny images, and a network of a logit and a reconstruction of them."""

import torch
from torch import nn

from armed.data.samples import Batch

SHAPE, PIXELS, CLUSTERS = (1, 2, 3), 6, 3


def batch(count=5, padded=0):
    draw = torch.Generator().manual_seed(3)
    mask = torch.ones(count)
    if padded:
        mask[-padded:] = 0
    return Batch(
        x=torch.rand(count, *SHAPE, generator=draw),
        y=(torch.rand(count, generator=draw) < 0.5).float(),
        z=torch.arange(count) % CLUSTERS,
        mask=mask,
        weight=0.5 + torch.rand(count, generator=draw),
        kl_scale=torch.ones(count),
        noise=torch.zeros(count, 1),
        changed=torch.zeros(count),
    )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, 4), nn.Tanh())
        self.output = nn.Linear(4, 1 + PIXELS)

    def forward(self, x):
        return self.output(self.hidden(x))


def named(terms):
    return {term.name: term for term in terms}
