"""Tables of any study: its samples and splits, what models predict, and scores."""

import pyarrow as pa

from armed_study.io.schemas.columns import COLUMNS, column, table


def _float32(name: str) -> pa.Field:
    return COLUMNS[name].with_type(pa.float32())


_ROW = ("partition", "assignment")
_CLASS = column(
    "class",
    "str",
    "class of the outcome that the probabilities are of; absent: it is not categorical",
    optional=True,
)
_POINT = (
    column("varied", "str", "samples_per_cluster, clusters or whole: all training samples"),
    column("kept", "int64", "how many are kept of what is varied; 0: all"),
)
_SHOTS = (
    column(
        "assignment", "str", "zero (the population), marginal (effects integrated over) or few_shot"
    ),
    column("shots", "int16", "labelled samples of the cluster that were given"),
)

STUDIES = (
    table("samples", "One row a sample, with its features.",
          "sample", "cluster",
          column("group", "str", "what no split may cut; empty: the sample alone", True),
          "outcome", "held_out",
          column("stratum", "str", "what splits balance in each cluster, finer than the outcome; "
                 "absent: the outcome", optional=True),
          features=True),
    table("truth", "What the generator knows of each sample (generated data only).",
          "sample", "oracle", "oracle_no_cluster"),
    table("cluster_truth", "What the generator knows of each cluster (generated data only).",
          "cluster", "quantity", "value"),
    table("flow", "How many samples each step of the preparation kept, and left out by which reason.",
          "order", "stage", column("reason", "str", "why they were left out; empty: those kept"),
          "count"),
    table("display", "Points without outcome, predicted for pictures.",
          "sample", "cluster", features=True),
    table("splits", "On which side of each fold a sample stands.",
          "fold", "sample", "partition"),
    table("few_shot_samples", "Samples of each unseen cluster that is large enough: those that may be given "
          "labelled, and those that are scored.",
          "fold", "sample", "cluster",
          column("place", "int16", "place among those that may be given labelled, from 0; -1: it is scored")),
    table("split_null", "Score of the cluster's training share or mean on seen clusters, with permuted "
          "outcomes (where folds balance outcomes within clusters).",
          "study", column("stratify", "str", "what folds balance, see splits.stratify"),
          column("permutations", "int32", "number of permutations of the outcome"),
          column("mean", "float64", "mean over permutations"),
          column("low", "float64", "lower end of the range of 95 % of the permutations"),
          column("high", "float64", "upper end of it"),
          column("metric", "str", "name of the score; absent: AUROC", optional=True)),
    table("features", "Columns of `features.npy` and `display.npy`, which the features are encoded as.",
          column("name", "str", "name of the column: the feature, or feature: level"), "feature",
          "probe"),
    table("membership", "Inferred membership of unseen samples in the seen clusters.",
          "fold", "seed", "sample", "cluster", _float32("probability")),
    table("predictions", "Predicted probabilities or means, one row for each z that was tried.",
          "study", "model", "fold", "seed", *_ROW, "sample", _CLASS, "trained",
          _float32("fixed"), _float32("mixed")),
    table("few_shot_predictions", "Predicted probabilities of samples of unseen clusters, of some samples of "
          "which the outcome was given (models with random effects).",
          "study", "model", "fold", "seed", *_SHOTS,
          column("draw", "int16", "number of the choice of those given labelled, from 0"),
          "sample", _CLASS, _float32("mixed")),
    table("display_predictions", "Predictions at the display points, mean over seeds.",
          "study", "model", "fold", "sample", "fixed", "mixed"),
    table("history", "Loss terms and scores by epoch.",
          "study", "model", "fold", "seed", "epoch", "term", "value"),
    table("random_effects", "Learned random effects of each seen cluster.",
          "study", "model", "fold", "seed",
          column("effect", "str", "random effect: intercept, slope[0] ...; of a further cluster factor: "
                 "intercept | FACTOR"), "cluster",
          column("mean", "float64", "posterior mean of the cluster's random effect"),
          column("sd", "float64", "posterior standard deviation of it", True)),
    table("variance_components",
          "Variance components of each replica with estimated random effects, and shares of the variance.",
          "study", "model", "fold", "seed",
          column("group", "str", "cluster factor, Residual, or empty: of shares of all"),
          column("term", "str", "sd__EFFECT (of a class sd__EFFECT[CLASS]), cor__EFFECT.EFFECT, "
                 "sd__Observation (residual), ICC_adjusted, ICC_unadjusted, R2_marginal, R2_conditional, "
                 "var.fixed, var.random or var.residual"),
          column("estimate", "float64", "its value"),
          column("standard_error", "float64", "of the estimate, with the fixed part as known", True),
          "low", "high",
          column("singular", "bool", "an effect without variance of its own: at 0, or fully correlated")),
    table("importance", "How strongly the fixed-effects output depends on each feature.",
          "study", "model", "fold", "seed", "kind", "feature", "probe", "importance"),
    table("hidden_features", "Last hidden layer (float32, feature_000 ...) of each network for training and "
          "test samples, of a few replicas and at most 1000 samples, or 20 a cluster, of each part.",
          "study", "model", "fold", "seed", "partition", "sample", features=True),
    table("scores", "Every score of every model, fold and seed.",
          "study", "model", "fold", "seed", *_ROW, "effect", "metric", "value"),
    table("summary", "Scores over folds and seeds, with intervals.",
          "study", "model", *_ROW, "effect", "metric", "mean", "median", "sd", "low", "high",
          "interval", "folds", "seeds"),
    table("comparisons", "Tests between models, over the same folds or the same draws of clusters.",
          "study", "partition", "metric", "model", "reference", "difference", "low", "high",
          "standard_error", "t", "df", "p", "test", "p_holm",
          column("family", "str", "tests for which p_holm is adjusted; empty: none, of oracles", True)),
    table("best", "The best models of a study against its linear one, on which they are chosen, too.",
          column("best", "str", "of which models it is the best: method, or network with clusters"),
          "study", "partition", "metric", "model", "reference", "difference", "low", "high",
          "standard_error", "t", "df", "p", "test"),
    table("decomposition", "Where the gain of the reference model comes from: outputs that differ in one "
          "thing.",
          "study", "partition", "metric",
          column("component", "str", "gain, cluster (its effects), population (without them), or of an "
                 "ablation: adversary, linear_path, capacity"),
          column("model", "str", "model that has the component"),
          column("assignment", "str", "which z was used there"),
          column("less_model", "str", "model that has it not"),
          column("less_assignment", "str", "which z was used there"),
          column("difference", "float64", "mean over folds of the one less the other", True),
          "low", "high", "standard_error", "t", "df", "p", "test", "p_holm",
          column("family", "str", "tests for which p_holm is adjusted", True)),
    table("limit", "Share of the way from chance to an oracle that a model goes (none without a truth).",
          "study", "partition", "model", "assignment", "effect", "metric",
          column("oracle", "str", "oracle (it knows the cluster) or oracle_no_cluster"),
          column("share", "float64", "score less 0.5, by that of the oracle", True), "low", "high"),
    table("curve_points", "Folds that learning curves are trained on, with parts of the training samples.",
          column("fold", "int16", "number by which predictions of the curves have it"),
          column("of_fold", "int16", "fold whose test and unseen samples it has"), *_POINT,
          column("samples_per_cluster", "float64", "training samples of a seen cluster, mean"),
          column("clusters", "int64", "clusters with training samples")),
    table("learning_curves", "Scores by number of training samples and of clusters, with intervals.",
          "study", *_POINT,
          column("samples_per_cluster", "float64", "training samples of a seen cluster, mean over folds"),
          column("clusters", "float64", "clusters with training samples, mean over folds"),
          "model", *_ROW, "effect", "metric", "mean", "low", "high", "interval", "folds", "seeds"),
    table("calibration", "Predicted against observed probability, or mean.",
          "study", "model", *_ROW, "bin", "predicted", "observed", "low", "high", "count",
          column("left", "float64", "middle to the bin before, or where the first begins"),
          column("right", "float64", "middle to the bin after, or where the last ends"),
          column("density", "float64", "share of the predictions between them, by their distance")),
    table("few_shot", "Scores on unseen clusters by number of labelled samples, with intervals over these "
          "clusters.",
          "study", "model", *_SHOTS, "metric", "mean", "low", "high",
          column("difference", "float64", "mean over folds of the score less that of the population", True),
          column("difference_low", "float64", "lower end of its 95 % interval", True),
          column("difference_high", "float64", "upper end of it", True),
          "folds",
          column("clusters", "int32", "unseen clusters that are scored"),
          column("small_clusters", "int32", "unseen clusters with too few samples"),
          column("samples", "int32", "samples that are scored, mean over folds")),
    table("descriptives", "Mean and spread of what the source holds, by group (where a study has them).",
          "group", "measure", "count", "mean", "sd"),
    table("univariate", "A logistic mixed model of each continuous feature alone, on the seen clusters.",
          "feature", "coefficient", column("standard_error", "float64", "of the coefficient", True),
          "slope_sd", "intercept_sd", column("samples", "int32", "samples that have the feature")),
    table("effect_validation", "Learned random effects against what they should be, item by item.",
          "model", "comparison", column("item", "str", "cluster, feature or level"),
          "learned", "low", "high",
          column("reference", "float64", "what the learned value is set against")),
)  # fmt: skip
