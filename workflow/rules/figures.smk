# Figures: each with the tidy table that it is drawn from, as SVG and PNG.


rule plot_points:
    """Draw the samples of each seen cluster."""
    input:
        samples="<results>/{study}/samples.parquet",
        cluster_truth="<results>/{study}/cluster_truth.parquet",
    output:
        table="<results>/tables/{study}/points.csv",
        svg=report(
            "<results>/figures/{study}/points.svg",
            caption="../report/points.rst",
            category="{study}",
            subcategory="Data",
            labels={"item": "Samples of each cluster"},
        ),
        png="<results>/figures/{study}/points.png",
    log:
        "<logs>/{study}/plot_points.log",
    wildcard_constraints:
        study=one_of(studies_with("points")),
    conda:
        "../../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_points.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_points.py"


rule plot_clusters:
    """Draw the share of the outcome in each cluster."""
    input:
        samples="<results>/{study}/samples.parquet",
    output:
        table="<results>/tables/{study}/clusters.csv",
        svg=report(
            "<results>/figures/{study}/clusters.svg",
            caption="../report/clusters.rst",
            category="{study}",
            subcategory="Data",
            labels={"item": "Outcome by cluster"},
        ),
        png="<results>/figures/{study}/clusters.png",
    log:
        "<logs>/{study}/plot_clusters.log",
    wildcard_constraints:
        study=one_of(studies_with("clusters")),
    conda:
        "../../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_clusters.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_clusters.py"


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
    conda:
        "../../envs/study.yaml"
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
    conda:
        "../../envs/study.yaml"
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


rule plot_importance:
    """Draw the importance of each feature by model, probes marked."""
    input:
        samples="<results>/{study}/samples.parquet",
        importance=model_files("importance"),
    output:
        table="<results>/tables/{study}/importance.csv",
        svg=report(
            "<results>/figures/{study}/importance.svg",
            caption="../report/importance.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Feature importance"},
        ),
        png="<results>/figures/{study}/importance.png",
    log:
        "<logs>/{study}/plot_importance.log",
    conda:
        "../../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_importance.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_importance.py"


rule plot_intercepts:
    """Draw learned random intercepts against the clusters' outcome shares."""
    input:
        samples="<results>/{study}/samples.parquet",
        splits="<results>/{study}/splits.parquet",
        random_effects=model_files("random_effects"),
    output:
        table="<results>/tables/{study}/intercepts.csv",
        svg=report(
            "<results>/figures/{study}/intercepts.svg",
            caption="../report/intercepts.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Learned intercepts"},
        ),
        png="<results>/figures/{study}/intercepts.png",
    log:
        "<logs>/{study}/plot_intercepts.log",
    conda:
        "../../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_intercepts.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_intercepts.py"


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
    conda:
        "../../envs/study.yaml"
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


rule plot_costs:
    """Draw wall time and peak memory by rule, and list them by model."""
    input:
        benchmarks=benchmark_files(),
    output:
        table="<benchmarks>/costs.csv",
        models="<benchmarks>/costs_by_model.csv",
        models_html=report(
            "<results>/tables/costs_by_model.html",
            caption="../report/costs_by_model.rst",
            category="All studies",
            subcategory="Costs",
            labels={"item": "Time and memory by model"},
        ),
        svg=report(
            "<results>/figures/costs.svg",
            caption="../report/costs.rst",
            category="All studies",
            subcategory="Costs",
            labels={"item": "Time and memory by rule"},
        ),
        png="<results>/figures/costs.png",
    log:
        "<logs>/plot_costs.log",
    conda:
        "../../envs/study.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("plot_costs.py"),
    script:
        "../scripts/plot_costs.py"
