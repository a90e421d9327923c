"""The tables that pass between rules: which columns each has, and what they mean.

A column name means the same in every table, so it is described once, in `COLUMNS`; a table that
needs another type or sense for a name carries its own `Column`. The documentation of the
workflow's files is generated from here.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: `dtype` is `str` or a numpy type name.

    `nullable` allows missing values, `optional` a table without the column.
    """

    name: str
    dtype: str
    meaning: str
    nullable: bool = False
    optional: bool = False


@dataclass(frozen=True)
class TableSpec:
    """One table: key columns first; `features` allows the feature columns of the data set too."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    features: bool = False


_STRINGS = {
    "sample": "identifier of a sample, unique in the study",
    "cluster": "cluster of the sample: site, batch, district ...",
    "partition": "train, validation, test (of seen clusters) or unseen",
    "quantity": "what is measured, for example radius or class_ratio",
    "study": "name of the study in the configuration",
    "model": "name of the model in the configuration",
    "assignment": "which z was used: none, known, random, zero, average or membership",
    "term": "named term of the loss, or score, that the value belongs to",
    "effect": "output that was scored: fixed or mixed",
    "kind": "average (over the test samples) or at_mean (at the mean input)",
    "feature": "name of the feature",
    "metric": "name of the score",
    "interval": "how the interval was made, for example t over folds",
    "stage": "step of the preparation of the data",
    "reference": "model that the model is compared with",
    "comparison": "what a learned random effect is compared with",
    "group": "participants described: a diagnosis, or an outcome",
    "measure": "column of the source that is described",
}
_INTEGERS = {
    "fold": "number of the split, from 0",
    "seed": "number of the repetition of the fold, from 0",
    "epoch": "number of the epoch, from 0",
    "bin": "number of the bin of predicted probability, from 0",
    "count": "number of samples",
    "order": "number of the stage, from 0",
    "folds": "number of folds averaged over",
    "seeds": "number of seeds averaged over in each fold",
}
_FLOATS = {
    "oracle": "P(y = 1), knowing the true parameters of the sample's cluster",
    "oracle_no_cluster": "P(y = 1) from the features alone, over the law of the clusters",
    "probability": "membership of the sample in the cluster, from 0 to 1; sums to 1 per sample",
    "fixed": "P(y = 1) predicted from the fixed effects",
    "importance": "mean absolute derivative of the fixed-effects output by the feature",
    "value": "value of the quantity, loss term or score",
    "mean": "mean over folds and seeds",
    "median": "median over folds and seeds",
    "sd": "standard deviation over folds and seeds",
    "low": "lower end of the 95 % interval",
    "high": "upper end of the 95 % interval",
    "difference": "mean over folds of score of the model minus score of the reference",
    "standard_error": "standard error of the difference, corrected for overlapping training parts",
    "t": "difference divided by its standard error",
    "df": "degrees of freedom of t",
    "p": "two-sided p value",
    "p_holm": "p value, Holm-adjusted over the comparisons of the table",
    "predicted": "mean predicted probability in the bin",
    "observed": "observed share of y = 1 in the bin",
    "coefficient": "log odds ratio for one standard deviation of the feature",
    "slope_sd": "s.d. over clusters of the random slope",
    "intercept_sd": "s.d. over clusters of the random intercept",
    "learned": "learned value, mean over folds and seeds",
}
_NULLABLE_FLOATS = {"mixed": "P(y = 1) predicted with the random effects; empty if not modelled"}
_MAY_BE_UNDEFINED = {"value", "mean", "median", "sd", "low", "high", "difference", "standard_error"}
_MAY_BE_UNDEFINED |= {"coefficient", "slope_sd", "intercept_sd", "learned"}
_MAY_BE_UNDEFINED |= {"t", "df", "p", "p_holm", "predicted", "observed", "importance"}
_SHORT = {"fold", "seed"}

COLUMNS: dict[str, Column] = {
    **{name: Column(name, "str", text) for name, text in _STRINGS.items()},
    **{
        name: Column(name, "int16" if name in _SHORT else "int32", text)
        for name, text in _INTEGERS.items()
    },
    **{
        name: Column(name, "float64", text, nullable=name in _MAY_BE_UNDEFINED)
        for name, text in _FLOATS.items()
    },
    **{
        name: Column(name, "float64", text, nullable=True)
        for name, text in _NULLABLE_FLOATS.items()
    },
    "outcome": Column("outcome", "float32", "the outcome y; 0 or 1 when binary"),
    "held_out": Column("held_out", "bool", "the source itself keeps the cluster from training"),
    "probe": Column("probe", "bool", "the feature is a probe: confounded with the cluster"),
}


def _spec(name: str, meaning: str, *columns: str | Column, features: bool = False) -> TableSpec:
    described = tuple(COLUMNS[c] if isinstance(c, str) else c for c in columns)
    return TableSpec(name, meaning, described, features)


def _float32(name: str) -> Column:
    column = COLUMNS[name]
    return Column(name, "float32", column.meaning, column.nullable)


_ROW = ("partition", "assignment")
_GROUP = Column("group", "str", "what no split may cut; empty: the sample alone", nullable=True)
_STRATUM = Column(
    "stratum",
    "str",
    "what splits balance in each cluster, finer than the outcome; absent: the outcome",
    optional=True,
)
_EFFECT = Column("effect", "str", "random effect: intercept, slope[0] ...")
_POSTERIOR = (
    Column("mean", "float64", "posterior mean of the cluster's random effect"),
    Column("sd", "float64", "posterior standard deviation of it", nullable=True),
)

_MAP = (
    "partition",
    Column("assignment", "str", "which z was used: none, known, membership ... or each cluster's"),
    Column("effect", "str", "output that was attributed: fixed or mixed"),
    Column("cluster", "str", "whose random effects, where each cluster's were used; else empty"),
    "sample",
)
_SCAN = (
    Column("participant", "str", "whose scan it is, sub-0001"),
    Column("session", "str", "ses-01; empty where there is none"),
    Column("status", "str", "ok, flagged (look at it) or failed (no image)"),
    Column("usable", "bool", "there is an image and no doubt concerns it"),
    Column("reason", "str", "why it is flagged or failed; empty: ok"),
    Column("space", "str", "of the volume: mni or subject"),
    Column(
        "brain", "str", "given by the volume, extracted, or that of the template; empty: failed"
    ),
    Column("manufacturer", "str", "of the scanner, as the sidecar says", nullable=True),
    Column("scanner", "str", "model of the scanner, as the sidecar says", nullable=True),
    Column("field_strength", "float64", "field of the scanner, T", nullable=True),
    Column("repetition_time", "float64", "of the sequence, s", nullable=True),
    Column("echo_time", "float64", "of the sequence, s", nullable=True),
    Column("flip_angle", "float64", "of the sequence, degrees", nullable=True),
    Column("voxel_mm", "float64", "longest edge of a voxel, mm", nullable=True),
    Column("nonfinite", "float64", "voxels that held no number", nullable=True),
    Column("brain_ml", "float64", "volume of the brain with its fluid, ml", nullable=True),
    Column(
        "similarity", "float64", "correlation with the template inside its brain", nullable=True
    ),
    Column("overlap", "float64", "Dice coefficient of the brain and the template's", nullable=True),
    Column(
        "point_x", "float64", "where the slice's point lies in the volume: right, mm", nullable=True
    ),
    Column("point_y", "float64", "the same, to the front, mm", nullable=True),
    Column("point_z", "float64", "the same, upwards, mm", nullable=True),
    Column("plane", "float64", "coronal plane of the image, voxels from the back", nullable=True),
    Column(
        "frame_row", "float64", "centre of the image's square in it, mm from the top", nullable=True
    ),
    Column("frame_column", "float64", "the same, mm from the left", nullable=True),
    Column("frame_side", "float64", "side of the square, mm", nullable=True),
    Column("slice_share", "float64", "share of the image's pixels that are brain", nullable=True),
    Column("upright", "float64", "correlation of the image with the template's", nullable=True),
    Column(
        "turned",
        "float64",
        "the highest one after a quarter, half or three quarter turn",
        nullable=True,
    ),
    Column(
        "point_row", "float64", "row of the image that the point lies in, from 0", nullable=True
    ),
    Column("point_column", "float64", "column of the image that it lies in", nullable=True),
    Column("pixel_mm", "float64", "edge of a pixel of the image, mm", nullable=True),
    Column(
        "raw_mean", "float64", "mean of the slice's brain before scaling, as stored", nullable=True
    ),
    Column("raw_contrast", "float64", "s.d. of the same divided by its mean", nullable=True),
)

_FRAME = (
    Column("phenotype", "str", "metastatic efficiency of the xenograft: high or low"),
    Column("pdx", "str", "patient-derived xenograft (PDX) of the cell"),
    Column("cell", "str", "cell, as `group` of the samples"),
    Column("frame", "int32", "number of the frame, as its file says"),
    Column("found", "int32", "frames in the cell's folder, of which every n-th was taken"),
    Column("file", "str", "file of the frame, relative to the tree"),
)

_RECONSTRUCTED = (
    Column("mean", "float64", "mean over samples, each a mean over folds and seeds"),
    Column("low", "float64", "lower end of the 95 % interval by a bootstrap of cells", True),
    Column("high", "float64", "upper end of it", True),
    Column(
        "frame_low",
        "float64",
        "lower end of the 95 % interval, samples independent (t; AUROC: DeLong)",
        True,
    ),
    Column("frame_high", "float64", "upper end of it", True),
    Column("cells", "int32", "groups (cells) of the samples"),
    Column("frames", "int32", "samples (frames)"),
)
_IMAGE_ROW = Column("row", "int32", "place of the image in the array, from 0")

_DECLARED = (
    _spec("samples", "One row a sample, with its features.",
          "sample", "cluster", _GROUP, "outcome", "held_out", _STRATUM, features=True),
    _spec("truth", "What the generator knows of each sample (generated data only).",
          "sample", "oracle", "oracle_no_cluster"),
    _spec("cluster_truth", "What the generator knows of each cluster (generated data only).",
          "cluster", "quantity", "value"),
    _spec("flow", "How many samples each step of the preparation kept, and left out by which reason.",
          "order", "stage", Column("reason", "str", "why they were left out; empty: those kept"),
          "count"),
    _spec("display", "Points without outcome, predicted for pictures.",
          "sample", "cluster", features=True),
    _spec("splits", "On which side of each fold a sample stands.",
          "fold", "sample", "partition"),
    _spec("features", "Columns of `features.npy` and `display.npy`, which the features are encoded as.",
          Column("name", "str", "name of the column: the feature, or feature: level"), "feature",
          "probe"),
    _spec("membership", "Inferred membership of unseen samples in the seen clusters.",
          "fold", "seed", "sample", "cluster", _float32("probability")),
    _spec("predictions", "Predicted probabilities, one row for each z that was tried.",
          "study", "model", "fold", "seed", *_ROW, "sample", _float32("fixed"), _float32("mixed")),
    _spec("display_predictions", "Predictions at the display points, mean over seeds.",
          "study", "model", "fold", "sample", "fixed", "mixed"),
    _spec("history", "Loss terms and scores by epoch.",
          "study", "model", "fold", "seed", "epoch", "term", "value"),
    _spec("random_effects", "Learned random effects of each seen cluster.",
          "study", "model", "fold", "seed", _EFFECT, "cluster", *_POSTERIOR),
    _spec("importance", "How strongly the fixed-effects output depends on each feature.",
          "study", "model", "fold", "seed", "kind", "feature", "probe", "importance"),
    _spec("scores", "Every score of every model, fold and seed.",
          "study", "model", "fold", "seed", *_ROW, "effect", "metric", "value"),
    _spec("summary", "Scores over folds and seeds, with intervals.",
          "study", "model", *_ROW, "effect", "metric", "mean", "median", "sd", "low", "high",
          "interval", "folds", "seeds"),
    _spec("comparisons", "Tests between models over the same folds.",
          "study", "partition", "metric", "model", "reference", "difference", "standard_error",
          "t", "df", "p", "p_holm"),
    _spec("calibration", "Predicted against observed probability.",
          "study", "model", *_ROW, "bin", "predicted", "observed", "low", "high", "count"),
    _spec("descriptives", "Mean and spread of what the source holds, by group (where a study has them).",
          "group", "measure", "count", "mean", "sd"),
    _spec("univariate", "A logistic mixed model of each continuous feature alone, on the seen clusters.",
          "feature", "coefficient", Column("standard_error", "float64", "of the coefficient", True),
          "slope_sd", "intercept_sd", Column("samples", "int32", "samples that have the feature")),
    _spec("qc", "What the preparation found of each scan (studies of images).",
          "sample", *_SCAN),
    _spec("image_metrics", "Brightness and contrast of each sample's (scaled) image (studies of images).",
          "sample", Column("intensity", "float64", "mean of the brain", True),
          Column("contrast", "float64", "standard deviation of the brain", True),
          Column("edge_contrast", "float64",
                 "r.m.s. gradient around the hippocampus by mean of the brain, 1/mm", True)),
    _spec("attributed", "Whose attribution is looked at, fold by fold (studies of images).",
          "fold", "partition", "sample",
          Column("shown", "bool", "in pictures, and under the effects of every seen cluster")),
    _spec("attribution", "Grad-CAM of a model's linear predictors, place by place (studies of images).",
          "study", "model", "fold", "seed", *_MAP,
          Column("row", "int16", "place in the map, from 0 at the top"),
          Column("column", "int16", "place in the map, from 0 at the left"),
          Column("value", "float32", "how much the place speaks for y = 1, at least 0")),
    _spec("attribution_scores", "Attribution against the true map of the disease (generated images only).",
          "study", "model", "fold", "seed", *_MAP, "outcome",
          Column("inside", "float64", "share of the attribution that lies in the true map"),
          Column("uniform", "float64", "the same share of even attribution: that of the map's pixels"),
          Column("auroc", "float64", "AUROC of attribution against the true map, in the brain", True),
          Column("empty", "bool", "there is no attribution; scored as even attribution")),
    _spec("frames", "What is known of each frame that was taken (live-cell images).",
          "sample", "cluster", *_FRAME),
    _spec("reconstruction", "Error of each reconstruction of a test or unseen image.",
          "study", "model", "fold", "seed", *_ROW, "effect", "sample",
          Column("mse", "float32", "mean squared error over pixels, images from 0 to 1"),
          Column("ssim", "float32", "structural similarity (Wang et al. 2004), at most 1")),
    _spec("latents", "Latents (float32, latent_000 ...) of each test or unseen image, as its model is "
          "judged.",
          "study", "model", "fold", "seed", *_ROW, "sample", features=True),
    _spec("reconstruction_summary", "Errors of reconstruction and AUROC by model, with intervals.",
          "study", "model", *_ROW, "effect", "metric", *_RECONSTRUCTED),
    _spec("latent_scores", "What the latents of seen test samples tell of cluster and outcome.",
          "study", "model", "metric",
          Column("by", "str", "what the samples are told apart by: cluster, outcome or source"),
          Column("value", "float64", "mean over folds and seeds", True),
          Column("low", "float64", "lower end of the 95 % interval by a bootstrap of cells", True),
          Column("high", "float64", "upper end of it", True),
          Column("chance", "float64", "value of a guess; empty where there is no such thing", True)),
    _spec("latent_distances", "Median distances between cells of seen test samples in the latents, by "
          "source.",
          "study", "model", Column("source", "str", "where cells are from: the PDX"),
          Column("one_source", "float64", "between its cells on two clusters", True),
          Column("one_cluster", "float64", "from its cells to another source's, on one cluster", True),
          Column("cluster_pairs", "int32", "pairs of clusters that the first is averaged over"),
          Column("source_pairs", "int32", "pairs with another source, cluster by cluster, of the other")),
    _spec("latent_maps", "Latents of seen test samples in two dimensions; the first fold and seed.",
          "study", "model", Column("projection", "str", "pca or umap"), "sample",
          Column("x", "float64", "place in the plane"),
          Column("y", "float64", "place in the plane"),
          Column("x_explained", "float64", "share of the variance along x; empty: not pca", True),
          Column("y_explained", "float64", "share of the variance along y; empty: not pca", True)),
    _spec("looks", "What each test or unseen image, and its reconstructions, look like.",
          "study", "model", "fold", "seed", *_ROW,
          Column("effect", "str", "original (the image itself), fixed or mixed"), "sample",
          Column("brightness", "float32", "mean over pixels, images from 0 to 1"),
          Column("contrast", "float32", "standard deviation over pixels"),
          Column("sharpness", "float32", "variance of the Laplacian"),
          Column("snr", "float32", "mean by the s.d. of the noise (Immerkaer 1996), dB", True)),
    _spec("chosen_frames", "Which frames are imagined on other dates, fold by fold (live-cell images).",
          "fold", "partition", "sample",
          Column("shown", "bool", "in pictures: the first cells of each outcome, first fold")),
    _spec("rendered", "What is in `rendered.npy`: chosen frames as they truly look (generated frames only).",
          "sample", Column("cluster", "str", "date on which the frame is rendered"), _IMAGE_ROW),
    _spec("imagined", "What is in `imagined.npy`: reconstructions of chosen frames (live-cell images).",
          "study", "model", "fold", "seed", "partition",
          Column("assignment", "str", "which z was used: none, every (seen date in turn), membership ..."),
          "effect",
          Column("cluster", "str", "whose random effects, where each date's were used; else empty"),
          "sample", _IMAGE_ROW),
    _spec("counterfactual_scores",
          "Mean squared errors against a frame's rendering on a date (generated frames only).",
          "study", "model", "fold", "seed", "sample",
          Column("cell", "str", "cell of the frame"),
          Column("own_cluster", "str", "date on which the frame was taken"),
          Column("cluster", "str", "date that it is rendered and imagined on"),
          Column("fixed", "float64", "of the fixed reconstruction, which knows no date"),
          Column("mixed", "float64", "of the reconstruction under the date's random effects"),
          Column("unchanged", "float64", "of the frame itself, as it was taken")),
    _spec("effect_validation", "Learned random effects against what they should be, item by item.",
          "model", "comparison", Column("item", "str", "cluster, feature or level"),
          "learned", "low", "high",
          Column("reference", "float64", "what the learned value is set against")),
)  # fmt: skip

TABLES: dict[str, TableSpec] = {spec.name: spec for spec in _DECLARED}
