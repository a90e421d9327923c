"""Tables of statistics that figures and pages show."""

from functools import partial

import pyarrow as pa

from armed_study.io.schemas.columns import COLUMNS, column, table

_ENDS = (COLUMNS["low"], COLUMNS["high"])
_FOLD = column("fold", "int64", "number of the split, from 0; empty: over folds", True)
_VALUE = column("value", "float64", "what is shown", True)
_POSITIVES = column("positives", "int64", "samples with outcome 1")
_SAMPLES = column("samples", "float64", "number of samples, mean over the folds that train on them")
_SHARE = column("share", "float64", "share of outcome 1")
_PLACE = (column("phenotype", "str", "metastatic efficiency: high or low"),
          column("pdx", "str", "patient-derived xenograft (PDX) of the cell"))  # fmt: skip


def _described(kind: str, *names: str) -> tuple[pa.Field, ...]:
    """Columns that `_MEANINGS` describes; numbers may be missing."""
    return tuple(column(name, kind, _MEANINGS[name], kind == "float64") for name in names)


_text, _numbers, _counts = (partial(_described, kind) for kind in ("str", "float64", "int64"))
_MEANINGS = {
    "model": "name of the model in the configuration; empty: of none",
    "cluster": "cluster, or empty: of none",
    "partition": "test (of seen clusters) or unseen",
    "assignment": "which z was used",
    "effect": "output, fixed or mixed",
    "metric": "name of the score or measure",
    "kind": "what the row is",
    "quantity": "what the value is of",
    "block": "seen (trained on in some fold) or unseen",
    "level": "what is averaged over: site, manufacturer or all sites",
    "manufacturer": "of the scanner; empty: of all",
    "target": "whether a rendering is of the frame's own date",
    "measure": "kind of error",
    "line": "true, or the model",
    "array": "array of images that the row is a place in",
    "own_cluster": "date on which the frame was taken",
    "panel": "cluster, or the fixed effects",
    "feature": "name of the feature",
    "comparison": "what a learned random effect is compared with",
    "stage": "step of the preparation of the data",
    "reason": "why they were left out; empty: those kept",
    "group": "participants described",
    "source": "where the published values are from",
    "r": "Pearson's r", "r_low": "lower end of its 95 % interval", "r_high": "upper end of it",
    "p": "two-sided p value",
    "slope": "of the line of least squares", "start": "of the line, where the reference is 0",
    "chance": "value without any knowledge",
    "error": "mean squared error against the rendering", "brightness": "mean of the picture",
    "fixed_error": "mean squared error of fixed", "mixed_error": "mean squared error of mixed",
    "change": "root mean square of mixed less fixed",
    "radius": "true radius of the cluster", "x": "place in the plane", "y": "place in the plane",
    "predicted": "mean predicted probability", "true": "true probability",
    "fpr": "false-positive rate", "tpr": "true-positive rate", "auroc": "mean AUROC",
    "auroc_low": "lower end of its 95 % interval", "auroc_high": "upper end of it",
    "mean_rank": "mean rank of the probes, 1 the most important feature",
    "sites_explain": "share of the variance between subjects that is between sites",
    "difference": "mean less published mean, in published s.d.", "sd_ratio": "s.d. by published s.d.",
    "published_mean": "as published", "published_sd": "as published", "published_n": "as published",
    "mean": "mean", "sd": "standard deviation", "median": "median over folds",
    "deviation": "coefficient less the published one, in published standard errors",
    "published_coefficient": "as published", "published_standard_error": "as published",
    "published_low": "lower end of the 95 % interval", "published_high": "upper end of it",
    "published_slope_sd": "as published", "slope_r": "Pearson's r of both s.d. of slopes over features",
    "coefficient": "log odds ratio for one standard deviation of the feature",
    "standard_error": "of the coefficient", "slope_sd": "s.d. over clusters of the random slope",
    "intercept_sd": "s.d. over clusters of the random intercept",
    "intercept": "learned, mean over replicas", "posterior_sd": "mean posterior s.d.",
    "order": "number of the stage, from 0", "count": "number of samples", "n": "number described",
    "items": "clusters, features or levels", "replicas": "folds and seeds", "samples": "number of samples",
    "rank": "of the feature, 1 the most important", "in_top": "probes among the most important",
    "top": "how many features count as the most important", "probes": "number of probes",
    "features": "number of features", "subjects": "number of subjects", "sites": "number of sites",
    "cells": "number of cells", "clusters": "number of dates", "pictures": "number of pictures",
    "row": "place of the picture in its array", "frame_row": "place of the frame",
    "fixed_row": "place of the fixed reconstruction", "mixed_row": "place of the mixed one",
}  # fmt: skip
_SHOWN = _text("model", "partition", "assignment", "effect")

SUMMARIES = (
    table("cluster_shares", "Share of outcome 1 in each cluster, with Wilson's interval.",
              *_text("cluster"), COLUMNS["held_out"], *_counts("samples"), _POSITIVES, _SHARE, *_ENDS),
    table("participant_flow", "What became of each participant, down to the seen and unseen samples.",
              *_counts("order"), *_text("kind", "stage", "reason"), *_counts("count"),
               column("positives", "int64", "samples with outcome 1, where known", True)),
    table("compared_descriptives", "Descriptives of the source next to published ones.",
              *_text("group", "measure"), *_numbers("mean", "sd"), *_counts("n"),
               *_numbers("published_mean", "published_sd", "published_n"), *_text("source"),
               *_numbers("difference", "sd_ratio")),
    table("compared_univariate", "Univariate mixed models next to the published ones.",
              *_text("feature"), *_numbers("coefficient", "standard_error"), *_ENDS,
               *_numbers("slope_sd", "intercept_sd"), *_counts("samples"),
               *_numbers("published_coefficient", "published_standard_error", "published_low",
                         "published_high", "published_slope_sd", "deviation"),
               column("within", "bool", "the deviation is at most 2"), *_numbers("slope_r")),
    table("site_differences", "Measures of images and diagnoses by site and manufacturer.",
              *_text("block", "level", "manufacturer", "cluster", "metric"), _VALUE, *_ENDS,
               *_counts("subjects", "sites"), *_numbers("sites_explain")),
    table("boundaries", "What models predict over the plane for a few clusters, mean over folds.",
              *_text("model", "panel", "effect"), *_numbers("radius", "x", "y", "predicted", "true")),
    table("performance", "Scores that are shown of each model: means, folds and published values.",
              *_text("kind", "model", "partition"),
               column("assignment", "str", "which z was used; empty: published", True),
               column("effect", "str", "output, fixed or mixed; empty: published", True),
               *_text("metric"), _FOLD, _VALUE, COLUMNS["median"], *_ENDS,
               column("interval", "str", "how the interval was made", True)),
    table("roc", "Mean ROC curves of the output that each model is reported by.",
              *_SHOWN, *_numbers("fpr", "tpr"), *_ENDS, *_numbers("auroc", "auroc_low", "auroc_high")),
    table("feature_importance", "Importance of features, and of probes by that of features, by fold.",
              *_text("quantity", "kind", "model", "feature"), COLUMNS["probe"], COLUMNS["fold"], _VALUE,
               *_ENDS, *_numbers("median")),
    table("ranked_importance", "The most important features of each model, and their slopes' s.d.",
              *_text("model", "quantity", "feature"), COLUMNS["probe"], *_counts("rank"),
               COLUMNS["fold"], _VALUE),
    table("probe_ranks", "How high models rank the probes among all features.",
              *_text("model"), COLUMNS["fold"], *_numbers("mean_rank"),
               *_counts("in_top", "top", "probes", "features")),
    table("learned_intercepts", "Learned random intercepts next to the clusters' outcome shares.",
              *_text("model", "cluster"), *_numbers("intercept", "sd", "posterior_sd"),
               *_counts("replicas"), _SHARE, _SAMPLES, *_numbers("r", "p")),
    table("cluster_effects", "Share, learned and true intercepts of each cluster.",
              *_text("cluster", "block", "quantity", "model"), _VALUE, *_ENDS, *_counts("samples"),
               _POSITIVES),
    table("effect_recovery", "Agreement of learned random effects with what they should be.",
              *_text("model", "comparison"), *_numbers("r", "r_low", "r_high", "p"), *_counts("items"),
               *_numbers("slope", "start")),
    table("attribution_summary", "Scores of attribution by model, over folds and by fold.",
              *_text("kind", "model", "partition", "effect", "metric"), _FOLD, _VALUE, *_ENDS,
               *_numbers("chance"), column("folds", "int64", "number of folds", True),
               column("maps", "int64", "number of maps", True)),
    table("appearance_by_date", "What frames and reconstructions look like, by date.",
              *_text("model", "effect", "metric", "quantity", "cluster"), _VALUE, *_ENDS,
               *_counts("cells", "clusters")),
    table("counterfactual_summary", "Errors of counterfactual frames by model, with intervals over cells.",
              *_text("model", "target", "measure"), _VALUE, *_ENDS, *_counts("cells", "pictures")),
    table("shown_reconstructions", "Which frames and reconstructions pictures show.",
              COLUMNS["partition"], COLUMNS["sample"], COLUMNS["cluster"], *_PLACE,
               *_counts("frame_row"), *_text("model", "assignment"), *_counts("fixed_row", "mixed_row"),
               *_numbers("fixed_error", "mixed_error", "change")),
    table("shown_dates", "The pictures of one cell on every date.",
              *_text("line"), column("model", "str", "model; empty: of none", True),
               column("effect", "str", "fixed or mixed; empty: of no model", True), COLUMNS["sample"],
               *_text("own_cluster"), *_PLACE, *_text("cluster"), *_numbers("error", "brightness"),
               *_text("array"), *_counts("row")),
)  # fmt: skip
