# From scans to the images of a dataset, batch by batch.


rule simulate_scans:
    """Write a BIDS tree of generated scans, with the truth beside it."""
    output:
        tree=directory("<results>/{study}/raw/tree"),
        scans="<results>/{study}/raw/truth_scans.csv",
        sites="<results>/{study}/raw/truth_sites.csv",
    log:
        "<logs>/{study}/simulate_scans.log",
    benchmark:
        "<benchmarks>/simulate_scans/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_from("simulate_scans")),
    conda:
        "../../envs/images.yaml"
    threads: 4
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        code=kind_code("simulate_scans.py"),
        settings=study_settings("kind", "data"),
        seed=config["seed"],
    script:
        "../scripts/simulate_scans.py"


rule prepare_scans:
    """Prepare a batch of scans: brain, slice, crop, scale, and a check of each."""
    input:
        scan_files,
    output:
        images="<results>/{study}/scans/{scatteritem}/images.npy",
        qc="<results>/{study}/scans/{scatteritem}/qc.parquet",
        pictures=directory("<results>/{study}/scans/{scatteritem}/qc"),
    log:
        "<logs>/{study}/scans/{scatteritem}.log",
    benchmark:
        "<benchmarks>/prepare_scans/{study}/{scatteritem}.tsv"
    wildcard_constraints:
        study=one_of(IMAGE_STUDIES),
    conda:
        "../../envs/images.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=720,
    params:
        code=code("prepare_scans.py"),
        tree=scan_tree,
        settings=study_settings("data"),
    script:
        "../scripts/prepare_scans.py"


rule join_scans:
    """Make the dataset of a study from its prepared scans and its participants."""
    input:
        participants=participants_file,
        truth=scan_truth,
        images=gather.scans("<results>/{{study}}/scans/{scatteritem}/images.npy"),
        qc=gather.scans("<results>/{{study}}/scans/{scatteritem}/qc.parquet"),
    output:
        images="<results>/{study}/images.npy",
        qc="<results>/{study}/qc.parquet",
        samples="<results>/{study}/samples.parquet",
        truth="<results>/{study}/truth.parquet",
        cluster_truth="<results>/{study}/cluster_truth.parquet",
        display="<results>/{study}/display.parquet",
        flow="<results>/{study}/flow.parquet",
        descriptives="<results>/{study}/descriptives.parquet",
    log:
        "<logs>/{study}/join_scans.log",
    benchmark:
        "<benchmarks>/join_scans/{study}.tsv"
    wildcard_constraints:
        study=one_of(IMAGE_STUDIES),
    conda:
        "../../envs/images.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=kind_code("join_scans.py"),
        tree=scan_tree,
        settings=data_settings,
    script:
        "../scripts/join_scans.py"


rule measure_images:
    """Measure brightness and contrast of each image, and the contrast of edges at the hippocampus."""
    input:
        samples="<results>/{study}/samples.parquet",
        images="<results>/{study}/images.npy",
        qc="<results>/{study}/qc.parquet",
    output:
        metrics="<results>/{study}/image_metrics.parquet",
    log:
        "<logs>/{study}/measure_images.log",
    benchmark:
        "<benchmarks>/measure_images/{study}.tsv"
    wildcard_constraints:
        study=one_of(IMAGE_STUDIES),
    conda:
        "../../envs/images.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("measure_images.py"),
    script:
        "../scripts/measure_images.py"
