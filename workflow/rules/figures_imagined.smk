# Figures of reconstructions and of imagined frames: each with its tidy table, as SVG and PNG.


rule plot_reconstructions:
    """Draw frames of a few cells, how each model reconstructs them, and what the date's effects change."""
    input:
        samples="<results>/{study}/samples.parquet",
        frames=images,
        chosen="<results>/{study}/chosen_frames.parquet",
        imagined=model_files("imagined", "imagining_models", "npy"),
        imagined_tables=model_files("imagined", "imagining_models"),
    output:
        table="<results>/tables/{study}/reconstructions.csv",
        svg=report(
            "<results>/figures/{study}/reconstructions.svg",
            caption="../report/reconstructions.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Reconstructions"},
        ),
        png="<results>/figures/{study}/reconstructions.png",
    log:
        "<logs>/{study}/plot_reconstructions.log",
    wildcard_constraints:
        study=one_of(studies_with("reconstructions")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_reconstructions.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_reconstructions.py"


rule plot_dates:
    """Draw one cell as on every date: in truth, where it is known, and as each model imagines it."""
    input:
        samples="<results>/{study}/samples.parquet",
        frames=images,
        chosen="<results>/{study}/chosen_frames.parquet",
        imagined=model_files("imagined", "imagining_models", "npy"),
        imagined_tables=model_files("imagined", "imagining_models"),
        rendered=rendered("npy"),
        rendered_tables=rendered("parquet"),
    output:
        table="<results>/tables/{study}/dates.csv",
        svg=report(
            "<results>/figures/{study}/dates.svg",
            caption="../report/dates.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "One cell as on every date"},
        ),
        png="<results>/figures/{study}/dates.png",
    log:
        "<logs>/{study}/plot_dates.log",
    wildcard_constraints:
        study=one_of(studies_with("dates")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_dates.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_dates.py"


rule plot_counterfactuals:
    """Draw how near imagined frames are to the true ones, and tabulate it."""
    input:
        samples="<results>/{study}/samples.parquet",
        scores="<results>/{study}/counterfactual_scores.parquet",
    output:
        table="<results>/tables/{study}/counterfactuals.csv",
        html=report(
            "<results>/tables/{study}/counterfactuals.html",
            caption="../report/counterfactuals.rst",
            category="{study}",
            subcategory="Tables",
            labels={"item": "Imagined frames against the truth"},
        ),
        svg=report(
            "<results>/figures/{study}/counterfactuals.svg",
            caption="../report/counterfactuals.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Imagined frames against the truth"},
        ),
        png="<results>/figures/{study}/counterfactuals.png",
    log:
        "<logs>/{study}/plot_counterfactuals.log",
    wildcard_constraints:
        study=one_of(studies_with("counterfactuals")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_counterfactuals.py"),
        seed=config["seed"],
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_counterfactuals.py"
