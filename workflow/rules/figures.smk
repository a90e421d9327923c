# Figures, each with the tidy table that it is drawn from: a file in src/armed_study/figures says of itself
# what it reads, which studies have it and how the report explains it.


rule plot_figure:
    """Draw a figure of what models learned or predict, with its tidy table, as SVG and PNG."""
    input:
        unpack(figure_inputs),
    output:
        table="<results>/tables/{study}/{figure}.csv",
        svg=report(
            "<results>/figures/{study}/{figure}.svg",
            caption="../report/figure.rst",
            category="{study}",
            subcategory=lambda wildcards: figures.about(wildcards.figure)["section"],
            labels=lambda wildcards: {
                "item": figures.about(wildcards.figure)["label"]
            },
        ),
        png="<results>/figures/{study}/{figure}.png",
    log:
        "<logs>/{study}/plot_{figure}.log",
    wildcard_constraints:
        figure=one_of(figures.of_section("Figures")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=lambda wildcards: code("plot_figure.py", figures.module(wildcards.figure)),
        settings=lambda wildcards: figures.settings(
            wildcards.figure, STUDIES[wildcards.study].settings
        ),
        title=study_title,
        data=caption_origin,
        caption=lambda wildcards: caption_of(wildcards.figure)(wildcards),
    script:
        "../scripts/plot_figure.py"


use rule plot_figure as plot_data with:
    wildcard_constraints:
        figure=one_of(figures.of_section("Data")),
    group:
        "prepare"
