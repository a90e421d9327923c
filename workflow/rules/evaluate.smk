# From predictions to scores, and to the tables that people read.


rule describe_samples:
    """Describe clusters and preparation of the samples, and set them beside published descriptives."""
    input:
        samples="<results>/{study}/samples.parquet",
        splits="<results>/{study}/splits.parquet",
        flow="<results>/{study}/flow.parquet",
        descriptives="<results>/{study}/descriptives.parquet",
    output:
        cluster_shares="<results>/{study}/cluster_shares.parquet",
        participant_flow="<results>/{study}/participant_flow.parquet",
        compared_descriptives="<results>/{study}/compared_descriptives.parquet",
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
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("describe_samples.py"),
    script:
        "../scripts/describe_samples.py"


rule evaluate_study:
    """Score all models on seen and unseen clusters, with intervals, tests and calibration."""
    input:
        samples="<results>/{study}/samples.parquet",
        truth="<results>/{study}/truth.parquet",
        splits="<results>/{study}/splits.parquet",
        predictions=model_files("predictions"),
    output:
        scores="<results>/{study}/scores.parquet",
        summary="<results>/{study}/summary.parquet",
        comparisons="<results>/{study}/comparisons.parquet",
        calibration="<results>/{study}/calibration.parquet",
        performance="<results>/{study}/performance.parquet",
        roc="<results>/{study}/roc.parquet",
    log:
        "<logs>/{study}/evaluate_study.log",
    benchmark:
        "<benchmarks>/evaluate_study/{study}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code("evaluate_study.py"),
        rows=derived_rows,
        reference=config["reference_model"],
        metrics=study_metrics,
        published=published_values,
        seed=config["seed"],
    script:
        "../scripts/evaluate_study.py"


rule average_boundaries:
    """Average what models predict over the plane for a few clusters."""
    input:
        display="<results>/{study}/display.parquet",
        truth="<results>/{study}/truth.parquet",
        cluster_truth="<results>/{study}/cluster_truth.parquet",
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
    threads: 1
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
        samples="<results>/{study}/samples.parquet",
        summary="<results>/{study}/summary.parquet",
        comparisons="<results>/{study}/comparisons.parquet",
        random_effects=model_files("random_effects"),
    output:
        summary="<results>/tables/{study}/summary.csv",
        comparisons="<results>/tables/{study}/comparisons.csv",
        random_effects="<results>/tables/{study}/random_effects.csv",
        performance="<results>/tables/{study}/performance_table.csv",
        performance_html=report(
            "<results>/tables/{study}/performance_table.html",
            caption="../report/performance_table.rst",
            category="{study}",
            subcategory="Tables",
            labels={"item": "Performance, all models"},
        ),
        comparisons_html=report(
            "<results>/tables/{study}/comparisons.html",
            caption="../report/comparisons.rst",
            category="{study}",
            subcategory="Tables",
            labels={"item": "Tests between models"},
        ),
        random_effects_html=report(
            "<results>/tables/{study}/random_effects.html",
            caption="../report/random_effects.rst",
            category="{study}",
            subcategory="Tables",
            labels={"item": "Learned random effects"},
        ),
    log:
        "<logs>/{study}/write_tables.log",
    benchmark:
        "<benchmarks>/write_tables/{study}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("write_tables.py"),
        title=study_title,
        origin=origin,
        metrics=study_metrics,
        published=published_values,
    script:
        "../scripts/write_tables.py"


rule tabulate_confounding:
    """Set the AUROC of the scanner's manufacturer alone beside those of the oracles."""
    input:
        samples="<results>/{study}/samples.parquet",
        splits="<results>/{study}/splits.parquet",
        truth="<results>/{study}/truth.parquet",
        qc="<results>/{study}/qc.parquet",
    output:
        table="<results>/tables/{study}/confounding.csv",
        html=report(
            "<results>/tables/{study}/confounding.html",
            caption="../report/confounding.rst",
            category="{study}",
            subcategory="Tables",
            labels={"item": "What the manufacturer tells of the diagnosis"},
        ),
    log:
        "<logs>/{study}/tabulate_confounding.log",
    wildcard_constraints:
        study=one_of(studies_with("confounding")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("tabulate_confounding.py"),
        title=study_title,
        origin=origin,
        seed=config["seed"],
    script:
        "../scripts/tabulate_confounding.py"
