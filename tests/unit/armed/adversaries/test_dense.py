import torch
from torch import nn

from armed.adversaries.dense import Adversary

CLUSTERS = 3


def test_logits_are_those_of_a_dense_network_on_joined_activations():
    torch.manual_seed(0)
    adversary = Adversary(2 + 12, CLUSTERS, hidden=(4,))
    first, image = torch.randn(5, 2), torch.randn(5, 3, 2, 2)
    layers = [module for module in adversary.modules() if isinstance(module, nn.Linear)]
    joined = torch.cat([first, image.reshape(5, -1)], dim=1)
    hidden = (joined @ layers[0].weight.T + layers[0].bias).clamp_min(0)
    expected = hidden @ layers[1].weight.T + layers[1].bias
    torch.testing.assert_close(adversary([first, image]), expected)


def test_loss_is_minus_the_log_probability_of_the_cluster():
    torch.manual_seed(0)
    adversary = Adversary(4, CLUSTERS, hidden=())
    h, z = torch.randn(5, 4), torch.tensor([0, 1, 2, 2, 1])
    probability = torch.softmax(adversary([h]), dim=1)
    torch.testing.assert_close(adversary.loss([h], z), -probability[torch.arange(5), z].log())
