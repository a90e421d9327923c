# What the run was made by, and what it took.


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
