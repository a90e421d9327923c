# Training: one job trains all folds and seeds that it is given as one computation.


# Files of the folds of a study, as `armed_study.training.load` reads them: features, or images.
fold_data = of_study(lambda study: study.fold_files)
membership_code = of_study(
    lambda study: code("infer_membership.py", study.membership_module)
)


rule encode_features:
    """Encode the features of the samples as numbers, as fitted on the training part of each fold."""
    input:
        **study_tables("samples", "splits", "display"),
    output:
        features="<results>/{study}/features.npy",
        columns="<results>/{study}/features.parquet",
        display="<results>/{study}/display.npy",
    log:
        "<logs>/{study}/encode_features.log",
    benchmark:
        "<benchmarks>/encode_features/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_of(None)),
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("encode_features.py"),
        settings=study_settings("standardize"),
    script:
        "../scripts/encode_features.py"


rule infer_membership:
    """Train a classifier of the cluster and infer soft clusters of the unseen samples."""
    input:
        unpack(fold_data),
    output:
        membership="<results>/{study}/membership/{scatteritem}/membership.parquet",
    log:
        "<logs>/{study}/membership/{scatteritem}.log",
    benchmark:
        "<benchmarks>/infer_membership/{study}/{scatteritem}.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        gpu=0,
        mem_mb=4000,
        runtime=60,
    params:
        code=membership_code,
        settings=study_settings("membership"),
        replicas=replicas,
    script:
        "../scripts/infer_membership.py"


rule run_trials:
    """Train a model by trials of its settings, without some training clusters, and score it on these."""
    input:
        unpack(fold_data),
    output:
        trials="<results>/{study}/{model}/{folds}/trials/{scatteritem}.parquet",
    log:
        "<logs>/{study}/{model}/trials/{folds}/{scatteritem}.log",
    benchmark:
        "<benchmarks>/run_trials/{study}/{model}/{folds}/{scatteritem}.tsv"
    wildcard_constraints:
        folds=r"\d+-of-\d+",
    conda:
        "../../envs/torch.yaml"
    resources:
        gpu=0,
        mem_mb=4000,
        runtime=240,
    params:
        code=of_model(
            lambda study, model: code("run_trials.py", *study.trial_modules(model))
        ),
        model=learned_by,
        tuning=of_model(lambda study, model: study.tuning(model)),
        replicas=replicas,
    script:
        "../scripts/run_trials.py"


rule train_model:
    """Train one model on its folds and seeds; predict every sample, and the points of pictures."""
    input:
        unpack(fold_data),
        **study_tables("few_shot_samples"),
        membership="<results>/{study}/membership/{scatteritem}/membership.parquet",
        trials=model_trials,
    output:
        model="<results>/{study}/{model}/{scatteritem}/model.safetensors",
        predictions="<results>/{study}/{model}/{scatteritem}/predictions.parquet",
        few_shot="<results>/{study}/{model}/{scatteritem}/few_shot_predictions.parquet",
        display="<results>/{study}/{model}/{scatteritem}/display_predictions.parquet",
        history="<results>/{study}/{model}/{scatteritem}/history.parquet",
        random_effects="<results>/{study}/{model}/{scatteritem}/random_effects.parquet",
        variance_components="<results>/{study}/{model}/{scatteritem}/variance_components.parquet",
        importance="<results>/{study}/{model}/{scatteritem}/importance.parquet",
        hidden_features="<results>/{study}/{model}/{scatteritem}/hidden_features.parquet",
    log:
        "<logs>/{study}/{model}/{scatteritem}.log",
    benchmark:
        "<benchmarks>/train_model/{study}/{model}/{scatteritem}.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        gpu=0,
        mem_mb=4000,
        runtime=120,
    params:
        code=model_code("train_model.py"),
        model=learned_by,
        replicas=replicas,
        shots=of_study(lambda study: study.block.few_shot),
        select_by=of_model(lambda study, model: study.tuning(model).get("select_by")),
    script:
        "../scripts/train_model.py"


rule train_curves:
    """Train a few models on fewer samples of each cluster, and on fewer clusters, as one computation each."""
    input:
        unpack(fold_data),
    output:
        predictions="<results>/{study}/learning_curves/predictions.parquet",
        points="<results>/{study}/learning_curves/points.parquet",
    log:
        "<logs>/{study}/train_curves.log",
    benchmark:
        "<benchmarks>/train_curves/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("learning_curves")),
    conda:
        "../../envs/torch.yaml"
    resources:
        gpu=0,
        mem_mb=4000,
        runtime=120,
    params:
        code=of_study(lambda study: code("train_curves.py", *study.curve_modules)),
        settings=study_settings("learning_curves", "membership"),
        models=of_study(lambda study: study.curve_models),
        replicas=replicas,
    script:
        "../scripts/train_curves.py"
