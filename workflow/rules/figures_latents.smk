# Figures of latents and of what reconstructions look like: each with its tidy table, as SVG and PNG.


rule plot_latent_maps:
    """Draw the latents of each model in two dimensions, by date and by phenotype."""
    input:
        samples="<results>/{study}/samples.parquet",
        maps="<results>/{study}/latent_maps.parquet",
    output:
        table="<results>/tables/{study}/latent_maps.csv",
        svg=report(
            "<results>/figures/{study}/latent_maps.svg",
            caption="../report/latent_maps.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Latents in two dimensions"},
        ),
        png="<results>/figures/{study}/latent_maps.png",
    log:
        "<logs>/{study}/plot_latent_maps.log",
    wildcard_constraints:
        study=one_of(studies_with("latent_maps")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_latent_maps.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_latent_maps.py"


rule plot_distances:
    """Draw distances between dates of a xenograft against those between xenografts on a date."""
    input:
        samples="<results>/{study}/samples.parquet",
        distances="<results>/{study}/latent_distances.parquet",
        scores="<results>/{study}/latent_scores.parquet",
    output:
        table="<results>/tables/{study}/distances.csv",
        svg=report(
            "<results>/figures/{study}/distances.svg",
            caption="../report/distances.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Distances between dates and xenografts"},
        ),
        png="<results>/figures/{study}/distances.png",
    log:
        "<logs>/{study}/plot_distances.log",
    wildcard_constraints:
        study=one_of(studies_with("distances")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_distances.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_distances.py"


rule plot_looks:
    """Draw what frames and reconstructions look like by date, and tabulate the dates' share of it."""
    input:
        samples="<results>/{study}/samples.parquet",
        looks=model_files("looks", "looked_models"),
    output:
        table="<results>/tables/{study}/looks.csv",
        html=report(
            "<results>/tables/{study}/looks.html",
            caption="../report/looks.rst",
            category="{study}",
            subcategory="Tables",
            labels={"item": "Share of looks that is between dates"},
        ),
        svg=report(
            "<results>/figures/{study}/looks.svg",
            caption="../report/looks.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Looks by date, before and after removing the date"},
        ),
        png="<results>/figures/{study}/looks.png",
    log:
        "<logs>/{study}/plot_looks.log",
    wildcard_constraints:
        study=one_of(studies_with("looks")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_looks.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_looks.py"
