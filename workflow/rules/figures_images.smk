# Figures, tables and contact sheets of the images of a study.


rule draw_contact_sheets:
    """Draw the check of every scan, site by site, and list what the preparation found."""
    input:
        participants=image_source,
        qc="<results>/{study}/qc.parquet",
        pictures=gather.scans("<results>/{{study}}/scans/{scatteritem}/qc"),
    output:
        page=report(
            "<results>/tables/{study}/contact_sheets.html",
            caption="../report/contact_sheets.rst",
            category="{study}",
            subcategory="Quality of scans",
            labels={"item": "Contact sheets by site"},
        ),
        table="<results>/tables/{study}/qc.csv",
        table_html=report(
            "<results>/tables/{study}/qc.html",
            caption="../report/qc.rst",
            category="{study}",
            subcategory="Quality of scans",
            labels={"item": "Checks of every scan"},
        ),
    log:
        "<logs>/{study}/draw_contact_sheets.log",
    wildcard_constraints:
        study=one_of(studies_of("scans")),
    group:
        "prepare"
    conda:
        "../../envs/images.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("draw_contact_sheets.py"),
        tree=image_tree,
        title=study_title,
        origin=origin,
    script:
        "../scripts/draw_contact_sheets.py"


rule plot_slices:
    """Draw images of every site."""
    input:
        samples="<results>/{study}/samples.parquet",
        images="<results>/{study}/images.npy",
        qc="<results>/{study}/qc.parquet",
    output:
        table="<results>/tables/{study}/slices.csv",
        svg=report(
            "<results>/figures/{study}/slices.svg",
            caption="../report/slices.rst",
            category="{study}",
            subcategory="Data",
            labels={"item": "Slices of every site"},
        ),
        png="<results>/figures/{study}/slices.png",
    log:
        "<logs>/{study}/plot_slices.log",
    wildcard_constraints:
        study=one_of(studies_with("slices")),
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_slices.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_slices.py"


rule plot_site_differences:
    """Draw brightness and contrast of images, and the diagnosis, by site and manufacturer."""
    input:
        samples="<results>/{study}/samples.parquet",
        qc="<results>/{study}/qc.parquet",
        metrics="<results>/{study}/image_metrics.parquet",
    output:
        table="<results>/tables/{study}/site_differences.csv",
        svg=report(
            "<results>/figures/{study}/site_differences.svg",
            caption="../report/site_differences.rst",
            category="{study}",
            subcategory="Data",
            labels={"item": "Differences between sites"},
        ),
        png="<results>/figures/{study}/site_differences.png",
    log:
        "<logs>/{study}/plot_site_differences.log",
    wildcard_constraints:
        study=one_of(studies_with("site_differences")),
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_site_differences.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_site_differences.py"


rule tabulate_confounding:
    """Set the AUROC of the scanner's manufacturer alone beside those of the oracles."""
    input:
        samples="<results>/{study}/samples.parquet",
        splits="<results>/{study}/splits.parquet",
        truth="<results>/{study}/truth.parquet",
        qc="<results>/{study}/qc.parquet",
    output:
        table="<results>/tables/{study}/confounding.csv",
        html=report(
            "<results>/tables/{study}/confounding.html",
            caption="../report/confounding.rst",
            category="{study}",
            subcategory="Tables",
            labels={"item": "What the manufacturer tells of the diagnosis"},
        ),
    log:
        "<logs>/{study}/tabulate_confounding.log",
    wildcard_constraints:
        study=one_of(studies_with("confounding")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("tabulate_confounding.py"),
        title=study_title,
        origin=origin,
        seed=config["seed"],
    script:
        "../scripts/tabulate_confounding.py"
