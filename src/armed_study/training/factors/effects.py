"""From settings to the random effects of a network."""

from collections.abc import Mapping
from typing import Any

from armed.effects.base import ClusterEffect
from armed.effects.classes import ClassEffects
from armed.effects.intercept_slope import RandomIntercept, RandomSlope
from armed.effects.linear_effects import LinearEffects
from armed.errors import ConfigError
from armed.methods.base import Method
from armed_study.data.mixed.random_effects import FactorEffects, read_random_effects
from armed_study.messages import listing
from armed_study.networks import Network
from armed_study.training.factors.known import Factors

INITIAL_SD = {"intercept": 0.5, "input": 0.1}
"""Where standard deviations of a formula start; estimates do not depend on it."""


def random_effects(
    method: type[Method],
    settings: Mapping[str, Any],
    network: Network,
    *,
    columns: int,
    clusters: int,
    outputs: int,
    factors: Factors,
) -> list[ClusterEffect]:
    """Make the effects that a method needs, or takes where a formula names them.

    ``columns`` is the width of the input, ``outputs`` the number of linear predictors.
    """
    block = settings.get("random_effects") or {}
    if "formula" in block:
        terms = read_random_effects(block["formula"])
        return [_of_formula(term, clusters, outputs, factors) for term in terms]
    if "random_effects" not in method.needs:
        return []
    places = {"input_slope": ("input", columns), "hidden_slope": network.last_hidden}
    return _of_block(block, network, places, clusters, outputs)


def _of_formula(
    term: FactorEffects, clusters: int, outputs: int, factors: Factors
) -> LinearEffects:
    known = {factors.first: clusters, **{name: len(k) for name, k in factors.clusters.items()}}
    for name, names in ((term.factor, [*known]), *((s, factors.features) for s in term.slopes)):
        if name not in names:
            raise ConfigError(
                f"random_effects.formula names '{name}', expected one of {listing(dict.fromkeys(names))}; "
                "correct it"
            )
    columns = [j for j, name in enumerate(factors.features) if name in term.slopes]
    there = {"intercept": term.intercept, "input": bool(columns)}
    given: dict[str, Any] = {
        "initial_sd": {name: INITIAL_SD[name] for name in there if there[name]},
        "factor": term.factor,
        "columns": columns or None,
    }
    if outputs > 1:
        return ClassEffects(known[term.factor], classes=outputs, **given)
    return LinearEffects(known[term.factor], correlated=term.correlated, **given)


def _of_block(
    block: Mapping[str, Any],
    network: Network,
    places: Mapping[str, tuple[str, int]],
    clusters: int,
    outputs: int,
) -> list[ClusterEffect]:
    """Effects of the clusters of samples; ``places`` are what slopes are on and its width, by key."""
    effects: list[ClusterEffect] = []
    if block.get("estimated", True):
        sds = {on: block[key] for key, (on, _) in places.items() if block.get(key)}
        sds |= {"intercept": block["intercept"]} if block.get("intercept") else {}
        if sds and outputs > 1:
            effects.append(ClassEffects(clusters, initial_sd=sds, classes=outputs))
        elif sds:
            correlated = block.get("correlated", False)
            effects.append(LinearEffects(clusters, initial_sd=sds, correlated=correlated))
        block = {"scale_shift": block.get("scale_shift")}
    for key, (on, width) in places.items():
        if block.get(key):
            slope = RandomSlope(clusters, width, prior_sd=block[key], on=on, outputs=outputs)
            effects.append(slope)
    if block.get("intercept"):
        intercept = RandomIntercept(clusters, prior_sd=block["intercept"], outputs=outputs)
        effects.append(intercept)
    if block.get("scale_shift"):
        make = getattr(network, "cluster_decoder", None)
        if make is None:
            raise ConfigError(
                f"random_effects has scale_shift and the network is a {type(network).__name__}, which "
                "decodes nothing; expected network.kind autoencoder or pca_autoencoder; leave scale_shift out"
            )
        effects.append(make(clusters, prior_sd=block["scale_shift"]))
    return effects
