"""Which places of an image a network's output is made of, by several methods of attribution."""

from collections.abc import Callable

import torch
from captum.attr import IntegratedGradients, LayerGradCam
from torch import Tensor, nn

from armed.errors import ConfigError
from armed.methods.base import Method

Output = Callable[[Tensor, Tensor], Tensor]
"""Linear predictors (batch,) of images and the clusters that they are given."""

STEPS = 4
"""Points of the path of `_integrated_gradients`; with 16, scores against the truth are the same."""


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


def explain(by: str, method: Method, x: Tensor, z: Tensor, reference: Tensor) -> dict[str, Tensor]:
    """Attribute the linear predictors of a binary outcome to places of the images.

    It is the linear predictor and not the probability, whose slope vanishes for samples that a network
    is sure of.

    Parameters
    ----------
    by
        Key of `EXPLAIN`.
    method : Method
        In evaluation mode.
    x : Tensor, shape (batch, 1, height, width)
    z : Tensor
        Cluster indices (batch,) or weights over clusters (batch, clusters).
    reference : Tensor, shape (1, height, width)
        Image that others are compared with by methods that compare.

    Returns
    -------
    dict
        ``fixed`` and, where there are cluster effects, ``mixed``, each (batch, rows, columns), at least
        0. A cluster effect that does not depend on the image (an intercept) changes nothing.
    """
    with torch.no_grad():
        effects = list(method.linear_predictor(x[:1], z[:1]))
    none = torch.zeros(len(x), method.clusters, device=x.device)
    given = {"fixed": none, "mixed": z}

    # Of a network that is run several times, Captum sees the last run.
    def output(x: Tensor, z: Tensor) -> Tensor:
        return method.linear_predictor(x, z)[effects[-1]].squeeze(1)

    return {
        effect: EXPLAIN[by](method, output, x, given[effect], reference).detach()
        for effect in effects
    }


def _gradcam(method: Method, output: Output, x: Tensor, z: Tensor, reference: Tensor) -> Tensor:
    r"""Grad-CAM: what speaks for ``y = 1``, in the places of the attributed layer.

    ``max(0, sum_c a_c A_c)``, where ``A_c`` is the map of channel ``c`` of `attributed_layer` and
    ``a_c`` the mean over places of the gradient of the linear predictor by it. So a value says how
    much a place speaks for ``y = 1`` (in units of the logit, up to the number of places); what speaks
    against it is 0.

    References
    ----------
    Selvaraju et al., ICCV 2017; computed by Captum.
    """
    explainer = LayerGradCam(lambda x: output(x, z), attributed_layer(method))
    return explainer.attribute(x, relu_attributions=True).squeeze(1)


def _integrated_gradients(
    method: Method, output: Output, x: Tensor, z: Tensor, reference: Tensor
) -> Tensor:
    r"""Integrated gradients: what moves the linear predictor from that of the reference, by pixel.

    ``|(x - r) int_0^1 df(r + t (x - r)) / dx dt|``, in units of the logit, whether it speaks for or
    against ``y = 1``: where a brain lacks what disease changes, that is a finding, too.

    References
    ----------
    Sundararajan, Taly and Yan, ICML 2017; computed by Captum (Gauss-Legendre).
    """
    values = IntegratedGradients(output).attribute(
        x,
        baselines=reference.expand_as(x),
        additional_forward_args=(z,),
        n_steps=STEPS,
        internal_batch_size=len(x),
    )
    return values.abs().sum(1)


EXPLAIN = {"gradcam": _gradcam, "integrated_gradients": _integrated_gradients}
