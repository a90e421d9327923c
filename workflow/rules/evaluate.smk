# From predictions to scores, and to the tables that people read.

# Studies whose folds balance outcomes within clusters.
BALANCED = studies_where(lambda study: study.balanced)


rule describe_samples:
    """Describe clusters and preparation of the samples, and set them next to published descriptives."""
    input:
        **study_tables("samples", "splits", "flow", "descriptives"),
    output:
        **study_tables("cluster_shares", "participant_flow", "compared_descriptives"),
    log:
        "<logs>/{study}/describe_samples.log",
    benchmark:
        "<benchmarks>/describe_samples/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("clusters")),
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("describe_samples.py"),
    script:
        "../scripts/describe_samples.py"


rule permute_outcomes:
    """Score the cluster alone with permuted outcomes, where folds balance outcomes within clusters."""
    input:
        **study_tables("samples"),
    output:
        **study_tables("split_null"),
        csv="<results>/tables/{study}/split_null.csv",
    log:
        "<logs>/{study}/permute_outcomes.log",
    benchmark:
        "<benchmarks>/permute_outcomes/{study}.tsv"
    wildcard_constraints:
        study=one_of(BALANCED),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("permute_outcomes.py"),
        settings=study_settings("splits"),
        seed=config["seed"],
    script:
        "../scripts/permute_outcomes.py"


rule tabulate_tuning:
    """Tabulate the settings that were searched for, and those selected."""
    input:
        trials=study_trials,
    output:
        tuned_settings="<results>/tables/{study}/tuned_settings.csv",
        tuning_trials="<results>/tables/{study}/tuning_trials.csv",
        html=page("tuning", "Settings that were searched for"),
    log:
        "<logs>/{study}/tabulate_tuning.log",
    benchmark:
        "<benchmarks>/tabulate_tuning/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("tuning")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("tabulate_tuning.py"),
        title=study_title,
        searches=of_study(lambda study: study.searches),
    script:
        "../scripts/tabulate_tuning.py"


rule evaluate_study:
    """Score all models on seen and unseen clusters, with intervals, tests and calibration."""
    input:
        **study_tables("samples", "truth", "splits"),
        predictions=model_files("predictions"),
    output:
        **study_tables(
            "scores",
            "summary",
            "comparisons",
            "best",
            "decomposition",
            "limit",
            "calibration",
            "performance",
            "roc",
        ),
    log:
        "<logs>/{study}/evaluate_study.log",
    benchmark:
        "<benchmarks>/evaluate_study/{study}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code("evaluate_study.py"),
        rows=derived_rows,
        reference=config["reference_model"],
        networks=study_networks,
        ablations=of_study(lambda study: study.ablations),
        metrics=study_metrics,
        published=published_values,
        seed=config["seed"],
    script:
        "../scripts/evaluate_study.py"


rule score_few_shot:
    """Score models with random effects on unseen clusters by the number of labelled samples."""
    input:
        **study_tables("samples", "splits", "few_shot_samples"),
        few_shot_predictions=model_files("few_shot_predictions"),
    output:
        **study_tables("few_shot"),
    log:
        "<logs>/{study}/score_few_shot.log",
    benchmark:
        "<benchmarks>/score_few_shot/{study}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code("score_few_shot.py"),
        seed=config["seed"],
    script:
        "../scripts/score_few_shot.py"


rule score_curves:
    """Score models by the number of training samples of a cluster, and of clusters."""
    input:
        **study_tables("samples", "truth"),
        predictions="<results>/{study}/learning_curves/predictions.parquet",
        points="<results>/{study}/learning_curves/points.parquet",
    output:
        **study_tables("learning_curves"),
    log:
        "<logs>/{study}/score_curves.log",
    benchmark:
        "<benchmarks>/score_curves/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("learning_curves")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code("score_curves.py"),
        metrics=study_metrics,
        seed=config["seed"],
    script:
        "../scripts/score_curves.py"


rule average_boundaries:
    """Average what models predict over the plane for a few clusters."""
    input:
        **study_tables("display", "truth", "cluster_truth"),
        display_predictions=model_files("display_predictions"),
    output:
        boundaries="<results>/{study}/boundaries.parquet",
    log:
        "<logs>/{study}/average_boundaries.log",
    benchmark:
        "<benchmarks>/average_boundaries/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("boundaries")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("average_boundaries.py"),
    script:
        "../scripts/average_boundaries.py"


rule write_tables:
    """Write the tables of a study as CSV, and the main one as HTML."""
    input:
        **study_tables("summary", "comparisons", "best", "decomposition"),
        split_null=where(BALANCED, "<results>/{study}/split_null.parquet"),
        random_effects=model_files("random_effects"),
        variance_components=model_files("variance_components"),
    output:
        summary="<results>/tables/{study}/summary.csv",
        comparisons="<results>/tables/{study}/comparisons.csv",
        best="<results>/tables/{study}/best.csv",
        decomposition="<results>/tables/{study}/decomposition.csv",
        random_effects="<results>/tables/{study}/random_effects.csv",
        variance_components="<results>/tables/{study}/variance_components.csv",
        icc_r2="<results>/tables/{study}/icc_r2.csv",
        performance="<results>/tables/{study}/performance_table.csv",
        performance_html=page("performance_table", "Performance, all models"),
        comparisons_html=page("comparisons", "Tests between models"),
        decomposition_html=page("decomposition", "Where the gain comes from"),
        random_effects_html=page("random_effects", "Learned random effects"),
        variance_components_html=page(
            "variance_components", "Variances of the random effects"
        ),
        icc_r2_html=page("icc_r2", "Shares of the variance"),
    log:
        "<logs>/{study}/write_tables.log",
    benchmark:
        "<benchmarks>/write_tables/{study}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("write_tables.py"),
        title=origin_title,
        data=caption_origin,
        metrics=study_metrics,
        networks=study_networks,
        published=published_values,
    script:
        "../scripts/write_tables.py"


rule tabulate_confounding:
    """Set the AUROC of the scanner's manufacturer alone next to those of the oracles."""
    input:
        **study_tables("samples", "splits", "truth", "qc"),
    output:
        table="<results>/tables/{study}/confounding.csv",
        html=page("confounding", "What the manufacturer tells of the diagnosis"),
    log:
        "<logs>/{study}/tabulate_confounding.log",
    wildcard_constraints:
        study=one_of(studies_with("confounding")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("tabulate_confounding.py"),
        title=study_title,
        origin=origin,
        data=caption_origin,
        seed=config["seed"],
    script:
        "../scripts/tabulate_confounding.py"
