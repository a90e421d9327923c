# What would a cell look like on another date, and is that so?


# True renderings of chosen frames, or the table of them, where they are known.
rendered = lambda ending: where(
    studies_with("counterfactuals"), f"<results>/{{study}}/rendered.{ending}"
)


# Of different cells, fold by fold: the frames that are reconstructed on other dates.
use rule select_samples as select_frames with:
    output:
        "<results>/{study}/selected_frames.parquet",
    log:
        "<logs>/{study}/select_frames.log",
    benchmark:
        "<benchmarks>/select_frames/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("reconstructions")),
    params:
        most=of_study(lambda study: study.settings["counterfactuals"]["cells"]),


rule render_counterfactuals:
    """Render the chosen frames as they truly look on every seen date, without noise."""
    input:
        **study_tables("selected_frames", "samples", "frames"),
    output:
        images="<results>/{study}/rendered.npy",
        table="<results>/{study}/rendered.parquet",
    log:
        "<logs>/{study}/render_counterfactuals.log",
    benchmark:
        "<benchmarks>/render_counterfactuals/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("counterfactuals")),
    group:
        "prepare"
    conda:
        "../../envs/images.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("render_counterfactuals.py"),
        settings=study_settings("data"),
        seed=config["seed"],
    script:
        "../scripts/render_counterfactuals.py"


rule generate_counterfactuals:
    """Reconstruct the chosen frames without random effects and under those of every seen date."""
    input:
        unpack(fold_data),
        membership="<results>/{study}/membership/{scatteritem}/membership.parquet",
        chosen="<results>/{study}/selected_frames.parquet",
        model="<results>/{study}/{model}/{scatteritem}/model.safetensors",
    output:
        images="<results>/{study}/{model}/{scatteritem}/counterfactuals.npy",
        table="<results>/{study}/{model}/{scatteritem}/counterfactuals.parquet",
    log:
        "<logs>/{study}/{model}/counterfactuals/{scatteritem}.log",
    benchmark:
        "<benchmarks>/generate_counterfactuals/{study}/{model}/{scatteritem}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("dates")),
    conda:
        "../../envs/torch.yaml"
    resources:
        gpu=0,
        mem_mb=4000,
        runtime=60,
    params:
        code=model_code("generate_counterfactuals.py"),
        model=learned_by,
        replicas=replicas,
    script:
        "../scripts/generate_counterfactuals.py"


rule score_counterfactuals:
    """Score the counterfactual frames of all models against the true renderings."""
    input:
        samples="<results>/{study}/samples.parquet",
        images=images,
        rendered="<results>/{study}/rendered.npy",
        rendered_tables="<results>/{study}/rendered.parquet",
        counterfactuals=model_files("counterfactuals", "counterfactual_models", "npy"),
        counterfactuals_tables=model_files("counterfactuals", "counterfactual_models"),
    output:
        **study_tables("counterfactual_scores", "counterfactual_summary"),
        html=page(
            "counterfactuals",
            "Counterfactual frames against the truth",
            caption="figure",
        ),
    log:
        "<logs>/{study}/score_counterfactuals.log",
    benchmark:
        "<benchmarks>/score_counterfactuals/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("counterfactuals")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("score_counterfactuals.py"),
        seed=config["seed"],
        title=titled("counterfactual frames against true ones"),
        data=caption_origin,
        caption=caption_of("counterfactuals"),
    script:
        "../scripts/score_counterfactuals.py"


rule list_pictures:
    """List the frames, reconstructions and renderings that pictures show, and what differs between them."""
    input:
        samples="<results>/{study}/samples.parquet",
        frames=images,
        chosen="<results>/{study}/selected_frames.parquet",
        counterfactuals=model_files("counterfactuals", "counterfactual_models", "npy"),
        counterfactuals_tables=model_files("counterfactuals", "counterfactual_models"),
        rendered=rendered("npy"),
        rendered_tables=rendered("parquet"),
    output:
        **study_tables("shown_reconstructions", "shown_dates"),
        changes="<results>/{study}/reconstruction_changes.npy",
    log:
        "<logs>/{study}/list_pictures.log",
    benchmark:
        "<benchmarks>/list_pictures/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("reconstructions")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("list_pictures.py"),
    script:
        "../scripts/list_pictures.py"
