"""The words that tables are written in; each stands here once."""

PARTITIONS = ("train", "validation", "test", "unseen")
"""Where a sample stands in a fold; ``unseen``: its cluster is in no training part."""

ASSIGNMENTS = ("known", "membership", "none", "average", "marginal", "zero", "random")
"""Which z a sample is scored with, in the order in which tables list them."""

FEW_SHOT = "few_shot"
"""Assignment of an unseen cluster of which some samples are given labelled."""

EVERY = "every"
"""Assignment under which each seen cluster's random effects are tried in turn."""

EFFECTS = ("fixed", "mixed")
"""Outputs of a model: without cluster effects, and with them."""

UNTRAINED = "untrained"
"""Output of a network with random weights, in tables of attribution."""

GRADCAM = "gradcam"
"""Method of attribution that pictures of every site are made by; see `measures.ATTRIBUTIONS`."""

ORACLE = "oracle"
ORACLES = (ORACLE, "oracle_no_cluster")
"""Rows of tables that no model makes: what the generator of the data knows."""

REGRESSIONS = ("ridge", "pca_ridge")
"""Models linear in features, or in components of images; the first there is, others should exceed."""

LINEAR = "mixed_model"
"""Row of the mixed model with a linear fixed part, which is fitted in every cell of the simulated grid."""

PLAIN = "conventional"
"""Model that is the network alone: what a model with effects of clusters gains is over it."""

SAMPLES, CLUSTERS, WHOLE = "samples_per_cluster", "clusters", "whole"
"""What learning curves vary, and the whole training part at their end."""
PERMUTED = (
    "Whether outcomes are dealt out to the samples at random (to groups, where each has one), so that "
    "nothing is there to be found: a check of what the scorecard says then."
)
"""What a key of that name says in the configuration of those kinds of study that have it."""
