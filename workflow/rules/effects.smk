# Effects whose variance is known: documented mixed models next to lme4's fits, and a simulated grid. Without the
# block `effects` of the configuration nothing of it is planned.

CELLS = EFFECTS.cells if EFFECTS else {}


rule fit_documented:
    """Fit documented mixed models with a linear fixed part, next to lme4's variances."""
    output:
        effects="<results>/effects/documented/{scatteritem}.parquet",
        times="<benchmarks>/effects/documented/{scatteritem}.csv",
    log:
        "<logs>/effects/fit_documented/{scatteritem}.log",
    benchmark:
        "<benchmarks>/fit_documented/{scatteritem}.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code("fit_documented.py"),
        rows=EFFECTS.documented_rows if EFFECTS else {},
    script:
        "../scripts/fit_documented.py"


rule compare_fixed_parts:
    """Put a network in the place of the linear fixed part of documented models, by cross-validation."""
    output:
        parts="<results>/effects/fixed_parts/{scatteritem}.parquet",
    log:
        "<logs>/effects/compare_fixed_parts/{scatteritem}.log",
    benchmark:
        "<benchmarks>/compare_fixed_parts/{scatteritem}.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        gpu=0,
        mem_mb=4000,
        runtime=60,
    params:
        code=code(
            "compare_fixed_parts.py", *(EFFECTS.fixed_part_modules if EFFECTS else [])
        ),
        settings=EFFECTS.fixed_parts if EFFECTS else {},
        seed=config["seed"],
    script:
        "../scripts/compare_fixed_parts.py"


rule train_cell:
    """Draw clusters of one variance, number and sizes again and again, and fit every model to them."""
    output:
        effects="<results>/effects/grid/{cell}.parquet",
        times="<benchmarks>/effects/grid/{cell}.csv",
    log:
        "<logs>/effects/train_cell/{cell}.log",
    benchmark:
        "<benchmarks>/train_cell/{cell}.tsv"
    wildcard_constraints:
        cell=one_of(CELLS),
    conda:
        "../../envs/torch.yaml"
    resources:
        gpu=0,
        mem_mb=lambda wildcards: 4000 + CELLS[wildcards.cell]["clusters"],
        runtime=lambda wildcards: 60 + CELLS[wildcards.cell]["clusters"] // 5,
    params:
        code=code("train_cell.py", *(EFFECTS.modules if EFFECTS else [])),
        settings=lambda wildcards: CELLS[wildcards.cell],
        models=lambda wildcards: EFFECTS.models_of(wildcards.cell),
        replicates=EFFECTS.replicates if EFFECTS else 0,
        seed=config["seed"],
    script:
        "../scripts/train_cell.py"


rule tabulate_documented:
    """Set our variances of documented mixed models next to lme4's, and say why some differ."""
    input:
        effects=gather.documented("<results>/effects/documented/{scatteritem}.parquet"),
        parts=gather.documented("<results>/effects/fixed_parts/{scatteritem}.parquet"),
    output:
        effects="<results>/tables/effects/documented.csv",
        parts="<results>/tables/effects/fixed_parts.csv",
        html=effects_page("documented", "Documented mixed models"),
    log:
        "<logs>/effects/tabulate_documented.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code("tabulate_documented.py"),
    script:
        "../scripts/tabulate_documented.py"


rule summarise_grid:
    """Average the simulated grid over draws: how far variances are from the truth, and scores."""
    input:
        cells=collect("<results>/effects/grid/{cell}.parquet", cell=CELLS),
    output:
        summary="<results>/effects/grid_summary.parquet",
        table="<results>/tables/effects/grid.csv",
        html=effects_page("grid", "Simulated grid"),
    log:
        "<logs>/effects/summarise_grid.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code("summarise_grid.py"),
    script:
        "../scripts/summarise_grid.py"


rule plot_effects:
    """Draw a figure of effects whose variance is known, with its tidy table, as SVG and PNG."""
    input:
        unpack(effects_inputs),
    output:
        table="<results>/tables/effects/{figure}.csv",
        svg=report(
            "<results>/figures/effects/{figure}.svg",
            caption="../report/figure.rst",
            category=MENU["Effects"],
            subcategory="Figures",
            labels=figure_labels,
        ),
        png="<results>/figures/effects/{figure}.png",
    log:
        "<logs>/effects/plot_{figure}.log",
    wildcard_constraints:
        figure=one_of(effects.FIGURES),
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=lambda wildcards: code("plot_effects.py", figures.module(wildcards.figure)),
        data=lambda wildcards: effects.FIGURES[wildcards.figure],
        caption=lambda wildcards: figures.caption(
            wildcards.figure, "effects", {}, known=False
        ),
    script:
        "../scripts/plot_effects.py"
