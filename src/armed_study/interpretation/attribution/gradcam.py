"""Grad-CAM: which places of an image speak for the outcome, as a network sees it."""

import torch
from captum.attr import LayerGradCam
from torch import Tensor, nn

from armed.errors import ConfigError
from armed.methods.base import Method


def attributed_layer(method: Method) -> nn.Module:
    """Return the layer that the method's network names to be attributed.

    Raises
    ------
    ConfigError
        When it names none.
    """
    for module in method.modules():
        name = getattr(module, "attributed", None)
        if isinstance(name, str):
            return module.get_submodule(name)
    raise ConfigError(
        f"the network of {type(method).__name__} names no layer to be attributed; expected one with "
        "maps, such as network.kind slice_cnn; choose another network or no attribution"
    )


def grad_cam(method: Method, x: Tensor, z: Tensor) -> dict[str, Tensor]:
    r"""Attribute the linear predictors of a binary outcome to places of the images.

    ``max(0, sum_c a_c A_c)``, where ``A_c`` is the map of channel ``c`` of `attributed_layer` and
    ``a_c`` the mean over places of the gradient of the linear predictor by it. So a value says how
    much a place speaks for ``y = 1`` (in units of the logit, up to the number of places); what speaks
    against it is 0. It is the linear predictor and not the probability, whose slope vanishes for
    samples that a network is sure of.

    Parameters
    ----------
    method : Method
        In evaluation mode.
    x : Tensor, shape (batch, channels, height, width)
    z : Tensor
        Cluster indices (batch,) or weights over clusters (batch, clusters).

    Returns
    -------
    dict
        ``fixed`` and, where there are cluster effects, ``mixed``, each (batch, rows, columns) of the
        maps. A cluster effect that does not depend on the image (an intercept) changes nothing.

    References
    ----------
    Selvaraju et al., ICCV 2017; computed by Captum.
    """
    layer = attributed_layer(method)
    with torch.no_grad():
        effects = list(method.linear_predictor(x[:1], z[:1]))
    none = torch.zeros(len(x), method.clusters, device=x.device)
    given = {"fixed": none, "mixed": z}
    return {effect: _explain(method, layer, x, given[effect], effects[-1]) for effect in effects}


def _explain(method: Method, layer: nn.Module, x: Tensor, z: Tensor, effect: str) -> Tensor:
    """Maps of one output; of a layer that is run several times, Captum sees the last run."""

    def output(x: Tensor) -> Tensor:
        return method.linear_predictor(x, z)[effect].squeeze(1)

    maps = LayerGradCam(output, layer).attribute(x, relu_attributions=True)
    return maps.detach().squeeze(1)
