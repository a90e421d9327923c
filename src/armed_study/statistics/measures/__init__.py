"""How scores of outcomes are computed, by their kind (`armed_study.vocabulary.outcomes.KINDS`)."""

from armed_study.statistics.measures import binary, categorical, continuous, count

MEASURES = {
    "binary": binary.MEASURES,
    "continuous": continuous.MEASURES,
    "count": count.MEASURES,
    "categorical": categorical.MEASURES,
}
