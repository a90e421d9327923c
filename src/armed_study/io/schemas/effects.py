"""Tables of the study of effects whose variance is known."""

from functools import partial

import pyarrow as pa

from armed_study.io.schemas.columns import COLUMNS, column, table


def _described(kind: str, *names: str) -> tuple[pa.Field, ...]:
    """Columns that `_MEANINGS` describes; numbers may be missing."""
    return tuple(column(name, kind, _MEANINGS[name], kind == "float64") for name in names)


_text, _numbers, _counts = (partial(_described, kind) for kind in ("str", "float64", "int64"))
_MEANINGS = {
    "item": "documented model, as package/table/number",
    "model": "name of the model in the grid; mixed_model: with a linear fixed part; oracle: the truth, "
    "and the variance that is estimated with it",
    "family": "distribution of the outcome: gaussian, bernoulli or poisson",
    "formula": "of the model, in lme4's notation",
    "factor": "cluster factor, such as Block:Variety",
    "reason": "why the variance is not lme4's; empty where it is",
    "cell": "name of the cell",
    "outcome": "binary or continuous",
    "sizes": "whether clusters are balanced or unbalanced",
    "metric": "score: auroc of binary outcomes, r2 of continuous ones",
    "lme4_variance": "variance that lme4 found, averaged over the rows",
    "variance": "variance of the effects of a cluster",
    "quadrature": "variance at the maximum of the likelihood itself, where lme4's, of an approximation, "
    "is another",
    "difference": "our value less the other one, relative to it",
    "lme4_icc": "share of the factor in the variance that the fixed part leaves, of lme4's fit",
    "icc": "the same of ours",
    "linear": "score of the linear fixed part on rows left out",
    "network": "score of the network on the same",
    "linear_log_likelihood": "mean log-likelihood of a row that was left out",
    "network_log_likelihood": "the same of the network",
    "drawn": "variance of the effects that were drawn",
    "estimate": "estimated variance; empty: the model has none",
    "error": "distance of the estimate from the drawn variance, relative to it; empty of a variance of 0",
    "excess": "distance of the estimate from that of the oracle, relative to the drawn variance",
    "error_low": "lower end of its 95 % interval over replicates",
    "error_high": "upper end of it",
    "seen": "score on new samples of seen clusters, with their own effects",
    "unseen": "score on samples of unseen clusters, without effects",
    "behind": "seen score less that of the best model of the cell",
    "rate_coverage": "share of new clusters whose outcome rate is in its 90 % interval; empty: it has none",
    "sample_coverage": "share of new samples of a continuous outcome that are in their 90 % interval",
    "conformal_rate_coverage": "share of other new clusters whose observed rate is in an interval that is "
    "calibrated on half of them",
    "conformal_sample_coverage": "the same of samples of a continuous outcome",
    "effects": "random effects of a cluster",
    "clusters": "number of clusters",
    "rows": "rows without missing values",
    "columns": "columns of the fixed part but the intercept",
    "samples": "number of training samples",
    "replicate": "number of the draw, from 0",
    "replicates": "number of draws",
}
_COVERAGE = (
    "rate_coverage", "sample_coverage", "conformal_rate_coverage", "conformal_sample_coverage",
)  # fmt: skip
_CELL = (*_text("cell", "outcome", "sizes"), *_counts("clusters"), *_numbers("variance"))

EFFECTS = (
    table("documented_effects", "Variances of documented mixed models, lme4's and ours.",
          *_text("item", "family", "formula", "factor"), *_counts("effects", "clusters", "rows"),
          *_numbers("lme4_variance", "variance", "quadrature", "difference", "lme4_icc", "icc"),
          column("singular", "bool", "a variance is 0, or effects are fully correlated"),
          column("converged", "bool", "the fit ended where it no longer changes"),
          *_text("reason")),
    table("fixed_parts", "Linear and network fixed parts of documented mixed models, on rows left out.",
          *_text("item", "family", "factor"), *_counts("rows", "clusters", "columns"), *_text("metric"),
          *_numbers("linear", "network", "linear_log_likelihood", "network_log_likelihood"),
          column("difference", "float64", "log-likelihood of the network less that of the line"),
          COLUMNS["low"], COLUMNS["high"]),
    table("grid_effects", "Fits of one cell of the simulated grid, draw by draw.",
          *_CELL, *_text("model"), *_counts("replicate", "samples"),
          *_numbers("drawn", "estimate", "error", "excess"), *_text("metric"),
          *_numbers("seen", "unseen", *_COVERAGE)),
    table("grid_summary", "Cells of the simulated grid, mean over draws.",
          *_CELL, *_text("model"), *_counts("replicates", "samples"),
          *_numbers("drawn", "estimate", "error", "error_low", "error_high", "excess"), *_text("metric"),
          *_numbers("seen", "behind", "unseen", *_COVERAGE)),
)  # fmt: skip
