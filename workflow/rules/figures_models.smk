# Figures of what models predict: each with its tidy table, as SVG and PNG.


rule plot_boundaries:
    """Draw what each model predicts for each cluster, and the true boundary."""
    input:
        samples="<results>/{study}/samples.parquet",
        display="<results>/{study}/display.parquet",
        truth="<results>/{study}/truth.parquet",
        cluster_truth="<results>/{study}/cluster_truth.parquet",
        predictions=model_files("display_predictions"),
    output:
        table="<results>/tables/{study}/boundaries.csv",
        svg=report(
            "<results>/figures/{study}/boundaries.svg",
            caption="../report/boundaries.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Decision boundaries"},
        ),
        png="<results>/figures/{study}/boundaries.png",
    log:
        "<logs>/{study}/plot_boundaries.log",
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
        code=code("plot_boundaries.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_boundaries.py"


rule plot_performance:
    """Draw the performance of each model on seen and unseen clusters."""
    input:
        samples="<results>/{study}/samples.parquet",
        scores="<results>/{study}/scores.parquet",
        summary="<results>/{study}/summary.parquet",
    output:
        table="<results>/tables/{study}/performance.csv",
        svg=report(
            "<results>/figures/{study}/performance.svg",
            caption="../report/performance.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Performance by model"},
        ),
        png="<results>/figures/{study}/performance.png",
    log:
        "<logs>/{study}/plot_performance.log",
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_performance.py"),
        title=study_title,
        origin=origin,
        metrics=study_metrics,
        published=published_values,
    script:
        "../scripts/plot_performance.py"


rule plot_roc:
    """Draw the ROC curve of each model on seen and unseen clusters."""
    input:
        samples="<results>/{study}/samples.parquet",
        truth="<results>/{study}/truth.parquet",
        summary="<results>/{study}/summary.parquet",
        predictions=model_files("predictions"),
    output:
        table="<results>/tables/{study}/roc.csv",
        svg=report(
            "<results>/figures/{study}/roc.svg",
            caption="../report/roc.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "ROC curves"},
        ),
        png="<results>/figures/{study}/roc.png",
    log:
        "<logs>/{study}/plot_roc.log",
    wildcard_constraints:
        study=one_of(studies_with("roc")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_roc.py"),
        title=study_title,
        origin=origin,
        rows=derived_rows,
        seed=config["seed"],
    script:
        "../scripts/plot_roc.py"


rule plot_calibration:
    """Draw how well predicted probabilities agree with observed shares."""
    input:
        samples="<results>/{study}/samples.parquet",
        calibration="<results>/{study}/calibration.parquet",
    output:
        table="<results>/tables/{study}/calibration.csv",
        svg=report(
            "<results>/figures/{study}/calibration.svg",
            caption="../report/calibration.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Calibration"},
        ),
        png="<results>/figures/{study}/calibration.png",
    log:
        "<logs>/{study}/plot_calibration.log",
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_calibration.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_calibration.py"
