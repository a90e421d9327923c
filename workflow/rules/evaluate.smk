# From predictions to scores, and to the tables that people read.


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
        seed=config["seed"],
    script:
        "../scripts/evaluate_study.py"


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
