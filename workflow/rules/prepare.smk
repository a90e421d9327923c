# From raw data to a checked dataset and its splits.


# Raw files of a study: written by a rule, or the user's own.
raw_files = files_of(lambda study, wildcards: study.raw_files)


rule simulate_samples:
    """Draw the clusters and samples of a generated study, in its raw layout."""
    output:
        "<results>/{study}/raw/samples.csv",
        "<results>/{study}/raw/clusters.csv",
    log:
        "<logs>/{study}/simulate_samples.log",
    benchmark:
        "<benchmarks>/simulate_samples/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_from("simulate_samples")),
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=kind_code("simulate_samples.py"),
        settings=study_settings("kind", "data"),
        seed=config["seed"],
    script:
        "../scripts/simulate_samples.py"


use rule simulate_samples as export_table with:
    output:
        "<results>/{study}/raw/table.csv",
    log:
        "<logs>/{study}/export_table.log",
    benchmark:
        "<benchmarks>/export_table/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_from("export_table")),


use rule simulate_samples as simulate_adni with:
    output:
        "<results>/{study}/raw/ADNIMERGE.csv",
        "<results>/{study}/raw/truth_subjects.csv",
        "<results>/{study}/raw/truth_sites.csv",
    log:
        "<logs>/{study}/simulate_adni.log",
    benchmark:
        "<benchmarks>/simulate_adni/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_from("simulate_adni")),


rule prepare_dataset:
    """Read the raw files of a study, check them, and write the tables of the dataset."""
    input:
        raw=raw_files,
    output:
        **DATASET,
    log:
        "<logs>/{study}/prepare_dataset.log",
    benchmark:
        "<benchmarks>/prepare_dataset/{study}.tsv"
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
        code=kind_code("prepare_dataset.py"),
        content=raw_content,
        settings=data_settings,
    script:
        "../scripts/prepare_dataset.py"


rule split_samples:
    """Deal the samples to training, validation, test and unseen parts, fold by fold."""
    input:
        samples="<results>/{study}/samples.parquet",
    output:
        **study_tables("splits", "few_shot_samples"),
    log:
        "<logs>/{study}/split_samples.log",
    benchmark:
        "<benchmarks>/split_samples/{study}.tsv"
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code("split_samples.py"),
        settings=study_settings("splits", "few_shot"),
        seed=config["seed"],
    script:
        "../scripts/split_samples.py"
