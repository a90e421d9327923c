# Where on an image do networks find the outcome, and is that where the disease is?


rule select_samples:
    """Choose the samples whose attribution is looked at, fold by fold."""
    input:
        **study_tables("samples", "splits"),
    output:
        "<results>/{study}/attributed.parquet",
    log:
        "<logs>/{study}/select_samples.log",
    benchmark:
        "<benchmarks>/select_samples/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("gradcam")),
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("select_samples.py"),
        most=of_study(lambda study: study.settings["interpretation"]["samples"]),
        seed=config["seed"],
    script:
        "../scripts/select_samples.py"


rule map_disease:
    """Make the true map of the disease of each chosen sample, pixel by pixel that of its image."""
    input:
        **study_tables("samples", "qc", "attributed"),
    output:
        maps="<results>/{study}/disease_maps.npy",
    log:
        "<logs>/{study}/map_disease.log",
    benchmark:
        "<benchmarks>/map_disease/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("attribution")),
    group:
        "prepare"
    conda:
        "../../envs/images.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("map_disease.py"),
        settings=study_settings("data"),
        seed=config["seed"],
    script:
        "../scripts/map_disease.py"


rule attribute_model:
    """Attribute the outputs of one network to places of the chosen images."""
    input:
        unpack(fold_data),
        membership="<results>/{study}/membership/{scatteritem}/membership.parquet",
        attributed="<results>/{study}/attributed.parquet",
        model="<results>/{study}/{model}/{scatteritem}/model.safetensors",
    output:
        attribution="<results>/{study}/{model}/{scatteritem}/attribution.parquet",
    log:
        "<logs>/{study}/{model}/attribution/{scatteritem}.log",
    benchmark:
        "<benchmarks>/attribute_model/{study}/{model}/{scatteritem}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("gradcam")),
    conda:
        "../../envs/torch.yaml"
    resources:
        gpu=0,
        mem_mb=4000,
        runtime=60,
    params:
        code=model_code("attribute_model.py"),
        model=learned_by,
        replicas=replicas,
        methods=of_study(lambda study: study.settings["interpretation"]["methods"]),
    script:
        "../scripts/attribute_model.py"


rule collect_attribution:
    """Collect the maps of attribution that pictures show, and what every site's effects change of them."""
    input:
        **study_tables("samples", "attributed"),
        attribution=model_files("attribution", "network_models"),
    output:
        **study_tables("shown_attribution", "site_attribution"),
    log:
        "<logs>/{study}/collect_attribution.log",
    benchmark:
        "<benchmarks>/collect_attribution/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("gradcam")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("collect_attribution.py"),
    script:
        "../scripts/collect_attribution.py"


rule score_attribution:
    """Score the attribution of all networks against the true maps of the disease."""
    input:
        samples="<results>/{study}/samples.parquet",
        images=images,
        disease_maps="<results>/{study}/disease_maps.npy",
        attribution=model_files("attribution", "network_models"),
    output:
        **study_tables("attribution_scores", "attribution_summary"),
        html=page("attribution", "Attribution against the truth", caption="figure"),
    log:
        "<logs>/{study}/score_attribution.log",
    benchmark:
        "<benchmarks>/score_attribution/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("attribution")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("score_attribution.py"),
        threshold=of_study(lambda study: study.settings["interpretation"]["threshold"]),
        title=titled("attribution against the truth"),
        data=caption_origin,
        caption=caption_of("attribution"),
    script:
        "../scripts/score_attribution.py"
