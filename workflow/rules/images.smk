# From scans or frames to the images of a dataset, batch by batch.


# Files, or folders, of one part of the images of a study.
part_files = files_of(lambda study, wildcards: study.image_files(wildcards.scatteritem))


part_content = of_files(
    lambda study, wildcards: study.image_content(wildcards.scatteritem)
)


batch_code = of_study(lambda study: code("prepare_part.py", study.kind.BATCHES))


# Root of the tree of images: the user's, or the first input.
image_tree = lambda wildcards, input: STUDIES[wildcards.study].users_tree or input[0]

# What tells of samples, apart from their images: the generated tree, or a file of the user's; and their truth.
image_source = lambda wildcards: raw_files(wildcards)[0]
image_truth = lambda wildcards: raw_files(wildcards)[1:]


rule simulate_scans:
    """Write a BIDS tree of generated scans, with the truth next to it."""
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
        mem_mb=4000,
        runtime=60,
    params:
        code=kind_code("simulate_tree.py"),
        settings=study_settings("kind", "data"),
        seed=config["seed"],
    script:
        "../scripts/simulate_tree.py"


use rule simulate_scans as simulate_frames with:
    output:
        tree=directory("<results>/{study}/raw/tree"),
        cells="<results>/{study}/raw/truth_cells.csv",
        dates="<results>/{study}/raw/truth_dates.csv",
    log:
        "<logs>/{study}/simulate_frames.log",
    benchmark:
        "<benchmarks>/simulate_frames/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_from("simulate_frames")),


rule prepare_scans:
    """Prepare a batch of scans: brain, slice, crop, scale, and a check of each."""
    input:
        part_files,
    output:
        images="<results>/{study}/scans/{scatteritem}/images.npy",
        qc="<results>/{study}/scans/{scatteritem}/qc.parquet",
        pictures=directory("<results>/{study}/scans/{scatteritem}/qc"),
    log:
        "<logs>/{study}/scans/{scatteritem}.log",
    benchmark:
        "<benchmarks>/prepare_scans/{study}/{scatteritem}.tsv"
    wildcard_constraints:
        study=one_of(studies_of("scans")),
    conda:
        "../../envs/images.yaml"
    resources:
        mem_mb=3000,
        runtime=720,
    params:
        code=batch_code,
        content=part_content,
        tree=image_tree,
        settings=study_settings("kind", "data"),
    script:
        "../scripts/prepare_part.py"


use rule prepare_scans as prepare_frames with:
    output:
        images="<results>/{study}/frames/{scatteritem}/images.npy",
        frames="<results>/{study}/frames/{scatteritem}/frames.parquet",
    log:
        "<logs>/{study}/frames/{scatteritem}.log",
    benchmark:
        "<benchmarks>/prepare_frames/{study}/{scatteritem}.tsv"
    wildcard_constraints:
        study=one_of(studies_of("frames")),


use rule prepare_scans as prepare_pictures with:
    output:
        images="<results>/{study}/pictures/{scatteritem}/images.npy",
        pictures="<results>/{study}/pictures/{scatteritem}/pictures.parquet",
    log:
        "<logs>/{study}/pictures/{scatteritem}.log",
    benchmark:
        "<benchmarks>/prepare_pictures/{study}/{scatteritem}.tsv"
    wildcard_constraints:
        study=one_of(studies_of("pictures")),


rule join_scans:
    """Make the dataset of a study from its prepared scans and its participants."""
    input:
        source=image_source,
        truth=image_truth,
        images=gather.scans("<results>/{{study}}/scans/{scatteritem}/images.npy"),
        tables=gather.scans("<results>/{{study}}/scans/{scatteritem}/qc.parquet"),
    output:
        **DATASET,
        images="<results>/{study}/images.npy",
        rows="<results>/{study}/qc.parquet",
    log:
        "<logs>/{study}/join_scans.log",
    benchmark:
        "<benchmarks>/join_scans/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_of("scans")),
    group:
        "prepare"
    conda:
        "../../envs/images.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=kind_code("join_parts.py"),
        content=raw_content,
        tree=image_tree,
        settings=data_settings,
    script:
        "../scripts/join_parts.py"


use rule join_scans as join_frames with:
    input:
        source=image_source,
        truth=image_truth,
        images=gather.frames("<results>/{{study}}/frames/{scatteritem}/images.npy"),
        tables=gather.frames("<results>/{{study}}/frames/{scatteritem}/frames.parquet"),
    output:
        **DATASET,
        images="<results>/{study}/images.npy",
        rows="<results>/{study}/frames.parquet",
    log:
        "<logs>/{study}/join_frames.log",
    benchmark:
        "<benchmarks>/join_frames/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_of("frames")),


use rule join_scans as join_pictures with:
    input:
        source=image_source,
        truth=image_truth,
        images=gather.pictures("<results>/{{study}}/pictures/{scatteritem}/images.npy"),
        tables=gather.pictures(
            "<results>/{{study}}/pictures/{scatteritem}/pictures.parquet"
        ),
    output:
        **DATASET,
        images="<results>/{study}/images.npy",
        rows="<results>/{study}/pictures.parquet",
    log:
        "<logs>/{study}/join_pictures.log",
    benchmark:
        "<benchmarks>/join_pictures/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_of("pictures")),


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
        study=one_of(studies_of("scans")),
    group:
        "prepare"
    conda:
        "../../envs/images.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("measure_images.py"),
    script:
        "../scripts/measure_images.py"


rule compare_sites:
    """Compare images and the diagnosis between sites and manufacturers, and choose what to show of each."""
    input:
        **study_tables("samples", "qc", "image_metrics"),
    output:
        **study_tables("site_differences", "shown_slices"),
    log:
        "<logs>/{study}/compare_sites.log",
    benchmark:
        "<benchmarks>/compare_sites/{study}.tsv"
    wildcard_constraints:
        study=one_of(studies_with("site_differences")),
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("compare_sites.py"),
    script:
        "../scripts/compare_sites.py"


rule draw_contact_sheets:
    """Draw the check of every scan, site by site, and list what the preparation found."""
    input:
        participants=image_source,
        qc="<results>/{study}/qc.parquet",
        pictures=gather.scans("<results>/{{study}}/scans/{scatteritem}/qc"),
    output:
        page=page(
            "contact_sheets", "Contact sheets by site", subcategory="Quality of scans"
        ),
        table="<results>/tables/{study}/qc.csv",
        table_html=page("qc", "Checks of every scan", subcategory="Quality of scans"),
    log:
        "<logs>/{study}/draw_contact_sheets.log",
    wildcard_constraints:
        study=one_of(studies_of("scans")),
    group:
        "prepare"
    conda:
        "../../envs/images.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("draw_contact_sheets.py"),
        content=raw_content,
        tree=image_tree,
        title=study_title,
        origin=origin,
        data=caption_origin,
    script:
        "../scripts/draw_contact_sheets.py"
