"""What learning curves are made of."""

from typing import Annotated

from pydantic import Field

from armed_study.studies.blocks import Block, Positive, key


class LearningCurves(Block):
    """Learning curves: models trained again on fewer samples of each cluster, and on fewer clusters."""

    samples_per_cluster: list[Positive] = key(
        "Numbers of training samples that are kept of each cluster; of one with fewer all of them. The "
        "validation part is made smaller in proportion, test and unseen samples stay.",
        default=[],
    )
    clusters: list[Annotated[int, Field(ge=2)]] = key(
        "Numbers of seen clusters whose training samples are kept.", default=[]
    )
    models: Annotated[list[str], Field(min_length=1)] = key("Models that are trained so.")
    folds: Positive = key(
        "How many folds, the first ones; of folds that leave out other clusters each, as many besides.",
        default=5,
    )
    seeds: Positive = key("Repetitions of each fold.", default=1)
