# What readers see. Figures, each with the tidy table that it is drawn from: a file in src/armed_study/figures says
# of itself what it reads, which studies have it and how the report explains it. And what the run was made by, and
# what it took.


rule judge_claims:
    """Judge what is claimed by the tables of the studies: what holds, what does not, what cannot be decided."""
    input:
        claims.tables(CLAIMS),
    output:
        table="<results>/tables/claims.csv",
    log:
        "<logs>/judge_claims.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("judge_claims.py"),
        claims=CLAIMS,
    script:
        "../scripts/judge_claims.py"


rule write_scorecard:
    """Write what the claims come to: a page, a figure, and a few lines for the first page of the report."""
    input:
        table="<results>/tables/claims.csv",
    output:
        html=report(
            "<results>/tables/claims.html",
            caption="../report/claims.rst",
            category=MENU["Scorecard"],
            labels={"item": "What holds"},
        ),
        lines="<results>/tables/claims.rst",
        svg="<results>/figures/claims.svg",
        png="<results>/figures/claims.png",
        overview_svg="<results>/figures/claims_overview.svg",
        overview_png="<results>/figures/claims_overview.png",
    log:
        "<logs>/write_scorecard.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("write_scorecard.py"),
    script:
        "../scripts/write_scorecard.py"


rule plot_figure:
    """Draw a figure of what models learned or predict, with its tidy table, as SVG and PNG."""
    input:
        unpack(figure_inputs),
    output:
        table="<results>/tables/{study}/{figure}.csv",
        svg=report(
            "<results>/figures/{study}/{figure}.svg",
            caption="../report/figure.rst",
            category=menu_entry,
            subcategory=lambda wildcards: figures.about(wildcards.figure)["section"],
            labels=figure_labels,
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
            category="This run",
            labels={"item": "Time and memory by model"},
        ),
        svg=report(
            "<results>/figures/costs.svg",
            caption="../report/costs.rst",
            category="This run",
            labels={"item": "Time and memory by rule"},
        ),
        png="<results>/figures/costs.png",
    log:
        "<logs>/plot_costs.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("plot_costs.py"),
    script:
        "../scripts/plot_costs.py"


rule write_provenance:
    """Record what the run was made by: code, packages, machine, seeds, data, time and memory."""
    input:
        costs="<benchmarks>/costs.csv",
        samples=collect("<results>/{study}/samples.parquet", study=STUDIES),
        splits=collect("<results>/{study}/splits.parquet", study=STUDIES),
    output:
        table="<results>/tables/provenance.csv",
        html=report(
            "<results>/tables/provenance.html",
            caption="../report/provenance.rst",
            category="This run",
            labels={"item": "Provenance"},
        ),
    log:
        "<logs>/write_provenance.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        # The commit is read by the job: as a parameter it would run this again with every commit.
        code=code("write_provenance.py"),
        about={
            "studies": {name: study.record for name, study in STUDIES.items()},
            "seed": config["seed"],
            "snakemake_version": SNAKEMAKE_VERSION,
        },
    script:
        "../scripts/write_provenance.py"


rule write_paper:
    """Write the study as a paper, every number of which is looked up in the tables, and what figures show."""
    input:
        run="<results>/tables/provenance.csv",
        claims="<results>/tables/claims.csv" if CLAIMS else [],
        overview="<results>/figures/claims_overview.svg" if CLAIMS else [],
        tables=paper.tables(STUDIES, EFFECTS),
    output:
        markdown="<results>/paper.md",
        html=report(
            "<results>/paper.html",
            caption="../report/paper.rst",
            category=MENU["Scorecard"],
            labels={"item": "Written as a paper"},
        ),
        findings="<results>/tables/findings.csv",
    log:
        "<logs>/write_paper.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code("write_paper.py"),
        studies=[paper.describe(study) for study in STUDIES.values()],
        figures=paper.figures_of(STUDIES, EFFECTS),
    script:
        "../scripts/write_paper.py"


rule export_crate:
    """Pack the run as a Workflow Run RO-Crate: results, configuration, workflow, versions (not a part of `all`)."""
    input:
        results=crate_files(),
        benchmarks=benchmark_files(),
        record="<results>/tables/provenance.csv",
    output:
        crate="<results>/crate.zip",
    log:
        "<logs>/export_crate.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("export_crate.py"),
        about={
            "studies": {
                name: {**study.record, "generated": study.generated}
                for name, study in STUDIES.items()
            },
            "configuration": config,
            "snakemake_version": SNAKEMAKE_VERSION,
        },
    script:
        "../scripts/export_crate.py"
