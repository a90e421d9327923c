# Figures of where networks find the outcome: each with its tidy table, as SVG and PNG.


rule plot_gradcam:
    """Draw where each network finds the outcome in the images of a few subjects."""
    input:
        samples="<results>/{study}/samples.parquet",
        images=images,
        maps=disease_maps,
        attributed="<results>/{study}/attributed.parquet",
        attribution=model_files("attribution", "network_models"),
    output:
        table="<results>/tables/{study}/gradcam.csv",
        svg=report(
            "<results>/figures/{study}/gradcam.svg",
            caption="../report/gradcam.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Attribution (Grad-CAM)"},
        ),
        png="<results>/figures/{study}/gradcam.png",
    log:
        "<logs>/{study}/plot_gradcam.log",
    wildcard_constraints:
        study=one_of(studies_with("gradcam")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_gradcam.py"),
        settings=study_settings("interpretation"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_gradcam.py"


rule plot_gradcam_sites:
    """Draw what the random effects of each site change in the attribution of the same images."""
    input:
        samples="<results>/{study}/samples.parquet",
        images=images,
        maps=disease_maps,
        attribution=model_files("attribution", "network_models"),
    output:
        table="<results>/tables/{study}/gradcam_sites.csv",
        svg=report(
            "<results>/figures/{study}/gradcam_sites.svg",
            caption="../report/gradcam_sites.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Attribution at every site"},
        ),
        png="<results>/figures/{study}/gradcam_sites.png",
    log:
        "<logs>/{study}/plot_gradcam_sites.log",
    wildcard_constraints:
        study=one_of(studies_with("gradcam_sites")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_gradcam_sites.py"),
        settings=study_settings("interpretation"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_gradcam_sites.py"


rule plot_attribution:
    """Draw how well the attribution of each network agrees with the true map, and tabulate it."""
    input:
        samples="<results>/{study}/samples.parquet",
        scores="<results>/{study}/attribution_scores.parquet",
    output:
        table="<results>/tables/{study}/attribution.csv",
        html=report(
            "<results>/tables/{study}/attribution.html",
            caption="../report/attribution.rst",
            category="{study}",
            subcategory="Tables",
            labels={"item": "Attribution against the truth"},
        ),
        svg=report(
            "<results>/figures/{study}/attribution.svg",
            caption="../report/attribution.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Attribution against the truth"},
        ),
        png="<results>/figures/{study}/attribution.png",
    log:
        "<logs>/{study}/plot_attribution.log",
    wildcard_constraints:
        study=one_of(studies_with("attribution")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_attribution.py"),
        settings=study_settings("interpretation"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_attribution.py"
