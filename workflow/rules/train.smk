# Training: one job trains all folds and seeds that it is given as one computation.


rule infer_membership:
    """Train a classifier of the cluster and infer soft clusters of the unseen samples."""
    input:
        samples="<results>/{study}/samples.parquet",
        images=images,
        splits="<results>/{study}/splits.parquet",
        display="<results>/{study}/display.parquet",
    output:
        membership="<results>/{study}/membership/{scatteritem}/membership.parquet",
    log:
        "<logs>/{study}/membership/{scatteritem}.log",
    benchmark:
        "<benchmarks>/infer_membership/{study}/{scatteritem}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=4000,
        runtime=60,
    params:
        code=membership_code,
        settings=study_settings("membership"),
        standardize=study_settings("standardize"),
        seeds=seeds,
        config_seed=config["seed"],
    script:
        "../scripts/infer_membership.py"


rule train_model:
    """Train one model on its folds and seeds; predict every sample, and the points of pictures."""
    input:
        samples="<results>/{study}/samples.parquet",
        images=images,
        splits="<results>/{study}/splits.parquet",
        display="<results>/{study}/display.parquet",
        membership="<results>/{study}/membership/{scatteritem}/membership.parquet",
    output:
        model="<results>/{study}/{model}/{scatteritem}/model.safetensors",
        predictions="<results>/{study}/{model}/{scatteritem}/predictions.parquet",
        display="<results>/{study}/{model}/{scatteritem}/display_predictions.parquet",
        history="<results>/{study}/{model}/{scatteritem}/history.parquet",
        random_effects="<results>/{study}/{model}/{scatteritem}/random_effects.parquet",
        importance="<results>/{study}/{model}/{scatteritem}/importance.parquet",
    log:
        "<logs>/{study}/{model}/{scatteritem}.log",
    benchmark:
        "<benchmarks>/train_model/{study}/{model}/{scatteritem}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=4000,
        runtime=120,
    params:
        code=model_code("train_model.py"),
        method=model_method,
        settings=model_settings,
        standardize=study_settings("standardize"),
        seeds=seeds,
        config_seed=config["seed"],
    script:
        "../scripts/train_model.py"
