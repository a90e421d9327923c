# Figures of the data: each with the tidy table that it is drawn from, as SVG and PNG.


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
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
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
        splits="<results>/{study}/splits.parquet",
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
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
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


rule plot_flow:
    """Draw how many samples each step of the preparation kept, and left out by which reason."""
    input:
        samples="<results>/{study}/samples.parquet",
        splits="<results>/{study}/splits.parquet",
        flow="<results>/{study}/flow.parquet",
    output:
        table="<results>/tables/{study}/flow.csv",
        svg=report(
            "<results>/figures/{study}/flow.svg",
            caption="../report/flow.rst",
            category="{study}",
            subcategory="Data",
            labels={"item": "From the file to the samples"},
        ),
        png="<results>/figures/{study}/flow.png",
    log:
        "<logs>/{study}/plot_flow.log",
    wildcard_constraints:
        study=one_of(studies_with("flow")),
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_flow.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_flow.py"


rule plot_descriptives:
    """Draw what the source holds against published descriptives."""
    input:
        samples="<results>/{study}/samples.parquet",
        descriptives="<results>/{study}/descriptives.parquet",
    output:
        table="<results>/tables/{study}/descriptives.csv",
        svg=report(
            "<results>/figures/{study}/descriptives.svg",
            caption="../report/descriptives.rst",
            category="{study}",
            subcategory="Data",
            labels={"item": "Against published descriptives"},
        ),
        png="<results>/figures/{study}/descriptives.png",
    log:
        "<logs>/{study}/plot_descriptives.log",
    wildcard_constraints:
        study=one_of(studies_with("descriptives")),
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_descriptives.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_descriptives.py"
