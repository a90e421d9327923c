# How well do networks reconstruct images, and what do their latents know of the cluster?


rule reconstruct_images:
    """Reconstruct every test and unseen image by one model; keep its latents and what all look like."""
    input:
        unpack(fold_data),
        membership="<results>/{study}/membership/{scatteritem}/membership.parquet",
        model="<results>/{study}/{model}/{scatteritem}/model.safetensors",
    output:
        reconstruction="<results>/{study}/{model}/{scatteritem}/reconstruction.parquet",
        latents="<results>/{study}/{model}/{scatteritem}/latents.parquet",
        appearance="<results>/{study}/{model}/{scatteritem}/appearance.parquet",
    log:
        "<logs>/{study}/{model}/reconstruction/{scatteritem}.log",
    benchmark:
        "<benchmarks>/reconstruct_images/{study}/{model}/{scatteritem}.tsv"
    wildcard_constraints:
        study=one_of(studies_where(lambda study: study.reconstructing_models)),
    conda:
        "../../envs/torch.yaml"
    resources:
        gpu=0,
        mem_mb=4000,
        runtime=60,
    params:
        code=model_code("reconstruct_images.py"),
        model=learned_by,
        replicas=replicas,
    script:
        "../scripts/reconstruct_images.py"


rule score_reconstruction:
    """Tabulate errors of reconstruction and AUROC over cells, and what the latents know of date and phenotype."""
    input:
        **study_tables("samples", "frames"),
        reconstruction=model_files("reconstruction", "reconstructing_models"),
        predictions=model_files("predictions", "reconstructing_models"),
        latents=model_files("latents", "reconstructing_models"),
    output:
        **study_tables("reconstruction_summary", "latent_scores", "latent_distances"),
        reconstruction="<results>/tables/{study}/reconstruction.csv",
        latents="<results>/tables/{study}/latents.csv",
        reconstruction_html=page(
            "reconstruction", "Errors of reconstruction, and AUROC"
        ),
        latents_html=page("latents", "What the latents know of date and phenotype"),
    log:
        "<logs>/{study}/score_reconstruction.log",
    benchmark:
        "<benchmarks>/score_reconstruction/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("reconstruction")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code("score_reconstruction.py"),
        title=origin_title,
        data=caption_origin,
        published=published_values,
        rows=derived_rows,
        seed=config["seed"],
    script:
        "../scripts/score_reconstruction.py"


rule project_latents:
    """Lay the latents of all networks out in two dimensions: principal components and UMAP."""
    input:
        latents=model_files("latents", "reconstructing_models"),
    output:
        maps="<results>/{study}/latent_maps.parquet",
    log:
        "<logs>/{study}/project_latents.log",
    benchmark:
        "<benchmarks>/project_latents/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("latent_maps")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("project_latents.py"),
        seed=config["seed"],
    script:
        "../scripts/project_latents.py"


rule compare_appearance:
    """Average what frames and reconstructions look like by date, and tabulate the dates' share of it."""
    input:
        samples="<results>/{study}/samples.parquet",
        appearance=model_files("appearance", "appearance_models"),
    output:
        table="<results>/{study}/appearance_by_date.parquet",
        html=page(
            "appearance", "Share of appearance that is between dates", caption="figure"
        ),
    log:
        "<logs>/{study}/compare_appearance.log",
    benchmark:
        "<benchmarks>/compare_appearance/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("appearance")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("compare_appearance.py"),
        title=study_title,
        data=caption_origin,
        caption=caption_of("appearance"),
    script:
        "../scripts/compare_appearance.py"
