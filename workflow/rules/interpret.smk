# Are the learned random effects those of the clusters? And what is another protocol worth?


rule fit_univariate:
    """Fit a logistic mixed model of each continuous feature alone, and compare it with the published."""
    input:
        **study_tables("samples", "splits"),
    output:
        **study_tables("univariate", "compared_univariate"),
    log:
        "<logs>/{study}/fit_univariate.log",
    benchmark:
        "<benchmarks>/fit_univariate/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("univariate")),
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("fit_univariate.py"),
    script:
        "../scripts/fit_univariate.py"


rule validate_effects:
    """Set learned random effects against univariate models, counts and the truth."""
    input:
        **study_tables("samples", "splits", "univariate", "cluster_truth"),
        random_effects=model_files("random_effects"),
    output:
        **study_tables("effect_validation", "effect_recovery"),
        table="<results>/tables/{study}/recovery.csv",
        html=page("recovery", "Recovery of random effects"),
    log:
        "<logs>/{study}/validate_effects.log",
    benchmark:
        "<benchmarks>/validate_effects/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("validation")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("validate_effects.py"),
        title=titled("recovery of random effects"),
        data=caption_origin,
    script:
        "../scripts/validate_effects.py"


rule summarise_effects:
    """Summarise learned intercepts and the importance of features, over folds and seeds."""
    input:
        **study_tables("samples", "splits", "cluster_truth"),
        random_effects=model_files("random_effects"),
        importance=model_files("importance"),
    output:
        **study_tables(
            "learned_intercepts",
            "ranked_effects",
            "cluster_effects",
            "feature_importance",
        ),
    log:
        "<logs>/{study}/summarise_effects.log",
    benchmark:
        "<benchmarks>/summarise_effects/{study}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("summarise_effects.py"),
    script:
        "../scripts/summarise_effects.py"


rule rank_features:
    """Rank the features of each model by importance, and its probes among them."""
    input:
        importance=model_files("importance"),
        random_effects=model_files("random_effects"),
    output:
        **study_tables("ranked_importance", "probe_ranks"),
        table="<results>/tables/{study}/probe_ranks.csv",
    log:
        "<logs>/{study}/rank_features.log",
    benchmark:
        "<benchmarks>/rank_features/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("ranked_importance")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("rank_features.py"),
    script:
        "../scripts/rank_features.py"


rule compare_protocols:
    """Show what the published protocol adds to the scores of the proposed one."""
    input:
        proposed=of_study(
            lambda study: f"<results>/{study.block.compare_with}/summary.parquet"
        ),
        published="<results>/{study}/summary.parquet",
    output:
        table="<results>/tables/{study}/optimism.csv",
        html=page("optimism", "Optimism of the published protocol"),
    log:
        "<logs>/{study}/compare_protocols.log",
    wildcard_constraints:
        study=one_of(studies_where(lambda study: study.block.compare_with)),
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("compare_protocols.py"),
        title=study_title,
        origin=origin,
        data=caption_origin,
        metrics=study_metrics,
        departures=of_study(
            lambda study: study.departures(STUDIES[study.block.compare_with])
        ),
    script:
        "../scripts/compare_protocols.py"


rule probe_features:
    """Tell the cluster from the hidden features of each network, and from the input of all."""
    input:
        samples="<results>/{study}/samples.parquet",
        inputs=of_study(
            lambda study: f"<results>/{study.name}/{'images' if study.images else 'features'}.npy"
        ),
        hidden_features=model_files("hidden_features", "network_models"),
    output:
        table="<results>/{study}/cluster_in_features.parquet",
        csv="<results>/tables/{study}/cluster_in_features.csv",
        html=page("cluster_in_features", "What hidden features tell of the cluster"),
    log:
        "<logs>/{study}/probe_features.log",
    benchmark:
        "<benchmarks>/probe_features/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("cluster_in_features")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code("probe_features.py"),
        adversarial=of_study(lambda study: study.adversarial_models),
        title=titled("what hidden features tell of the cluster"),
        data=caption_origin,
    script:
        "../scripts/probe_features.py"
