"""Jobs of a study that are timed, as ``rule/study`` or ``rule/study/model``."""

from armed_study.config.planning import PlannedStudy

# Rules that make the dataset of a study, once, by what its images are prepared from.
_PREPARING: dict[str | None, tuple[str, ...]] = {
    None: ("prepare_dataset", "encode_features"),
    "scans": ("join_scans", "measure_images"),
    "frames": ("join_frames",),
    "pictures": ("join_pictures",),
}
# Rules that run once for a study that has a figure or page.
_FOR_FIGURES = {
    "clusters": ("describe_samples",),
    "cluster_in_features": ("probe_features",),
    "boundaries": ("average_boundaries",),
    "few_shot": ("score_few_shot",),
    "tuning": ("tabulate_tuning",),
    "learning_curves": ("train_curves", "score_curves"),
    "intercepts": ("summarise_effects",),
    "importance": ("summarise_effects",),
    "ranked_importance": ("rank_features",),
    "site_differences": ("compare_sites",),
    "univariate": ("fit_univariate",),
    "validation": ("validate_effects",),
    "gradcam": ("select_samples", "collect_attribution"),
    "attribution": ("map_disease", "score_attribution"),
    "reconstruction": ("score_reconstruction",),
    "latent_maps": ("project_latents",),
    "appearance": ("compare_appearance",),
    "reconstructions": ("select_frames", "list_pictures"),
    "counterfactuals": ("render_counterfactuals", "score_counterfactuals"),
}


def once(study: PlannedStudy) -> list[str]:
    """Jobs that run once."""
    shown = (*study.figures, *study.pages)
    rules = [
        *([study.raw_rule] if study.raw_rule else []),
        *("split_samples", "evaluate_study", "write_tables"),
        *(["permute_outcomes"] if study.block.splits.stratify != "cluster" else []),
        *_PREPARING[study.images],
        *(rule for name, rules in _FOR_FIGURES.items() if name in shown for rule in rules),
    ]
    return [f"{rule}/{study.name}" for rule in dict.fromkeys(rules)]


def by_folds(study: PlannedStudy) -> list[str]:
    """Jobs that are given a part of the folds."""
    models = {
        "train_model": study.trained_models,
        "attribute_model": study.network_models if "gradcam" in study.figures else [],
        "reconstruct_images": study.reconstructing_models,
        "generate_counterfactuals": study.counterfactual_models if "dates" in study.figures else [],
    }
    jobs = [f"{rule}/{study.name}/{model}" for rule, each in models.items() for model in each]
    return [f"infer_membership/{study.name}", *jobs]
