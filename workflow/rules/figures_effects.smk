# Figures of what models learned: each with its tidy table, as SVG and PNG.


rule plot_importance:
    """Draw the importance of each feature by model, probes marked."""
    input:
        samples="<results>/{study}/samples.parquet",
        importance=model_files("importance"),
    output:
        table="<results>/tables/{study}/importance.csv",
        svg=report(
            "<results>/figures/{study}/importance.svg",
            caption="../report/importance.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Feature importance"},
        ),
        png="<results>/figures/{study}/importance.png",
    log:
        "<logs>/{study}/plot_importance.log",
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_importance.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_importance.py"


rule plot_ranked_importance:
    """Draw the most important features of each model, ranked, and the spread of their random slopes."""
    input:
        samples="<results>/{study}/samples.parquet",
        importance=model_files("importance"),
        random_effects=model_files("random_effects"),
    output:
        table="<results>/tables/{study}/ranked_importance.csv",
        ranks="<results>/tables/{study}/probe_ranks.csv",
        svg=report(
            "<results>/figures/{study}/ranked_importance.svg",
            caption="../report/ranked_importance.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Feature importance, ranked"},
        ),
        png="<results>/figures/{study}/ranked_importance.png",
    log:
        "<logs>/{study}/plot_ranked_importance.log",
    wildcard_constraints:
        study=one_of(studies_with("ranked_importance")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_ranked_importance.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_ranked_importance.py"


rule plot_intercepts:
    """Draw learned random intercepts against the clusters' outcome shares."""
    input:
        samples="<results>/{study}/samples.parquet",
        splits="<results>/{study}/splits.parquet",
        random_effects=model_files("random_effects"),
    output:
        table="<results>/tables/{study}/intercepts.csv",
        svg=report(
            "<results>/figures/{study}/intercepts.svg",
            caption="../report/intercepts.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Learned intercepts"},
        ),
        png="<results>/figures/{study}/intercepts.png",
    log:
        "<logs>/{study}/plot_intercepts.log",
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_intercepts.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_intercepts.py"


rule plot_univariate:
    """Draw the coefficients of univariate mixed models against the published ones."""
    input:
        samples="<results>/{study}/samples.parquet",
        univariate="<results>/{study}/univariate.parquet",
    output:
        table="<results>/tables/{study}/univariate.csv",
        svg=report(
            "<results>/figures/{study}/univariate.svg",
            caption="../report/univariate.rst",
            category="{study}",
            subcategory="Data",
            labels={"item": "Univariate mixed models"},
        ),
        png="<results>/figures/{study}/univariate.png",
    log:
        "<logs>/{study}/plot_univariate.log",
    wildcard_constraints:
        study=one_of(studies_with("univariate")),
    group:
        "prepare"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_univariate.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_univariate.py"


rule plot_validation:
    """Draw learned random effects against what they should be."""
    input:
        samples="<results>/{study}/samples.parquet",
        validation="<results>/{study}/effect_validation.parquet",
    output:
        table="<results>/tables/{study}/validation.csv",
        recovery="<results>/tables/{study}/recovery.csv",
        recovery_html=report(
            "<results>/tables/{study}/recovery.html",
            caption="../report/recovery.rst",
            category="{study}",
            subcategory="Tables",
            labels={"item": "Recovery of random effects"},
        ),
        svg=report(
            "<results>/figures/{study}/validation.svg",
            caption="../report/validation.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Validation of random effects"},
        ),
        png="<results>/figures/{study}/validation.png",
    log:
        "<logs>/{study}/plot_validation.log",
    wildcard_constraints:
        study=one_of(studies_with("validation")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_validation.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_validation.py"


rule plot_sites:
    """Draw the share of the outcome in each cluster, and its learned and true intercept."""
    input:
        samples="<results>/{study}/samples.parquet",
        splits="<results>/{study}/splits.parquet",
        cluster_truth="<results>/{study}/cluster_truth.parquet",
        random_effects=model_files("random_effects"),
    output:
        table="<results>/tables/{study}/sites.csv",
        svg=report(
            "<results>/figures/{study}/sites.svg",
            caption="../report/sites.rst",
            category="{study}",
            subcategory="Figures",
            labels={"item": "Clusters: share and intercepts"},
        ),
        png="<results>/figures/{study}/sites.png",
    log:
        "<logs>/{study}/plot_sites.log",
    wildcard_constraints:
        study=one_of(studies_with("sites")),
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=code("plot_sites.py"),
        title=study_title,
        origin=origin,
    script:
        "../scripts/plot_sites.py"
