# What rules read and write: files of a study, of its models and of its parts, asked for by functions.

from csv import DictReader


def where(names, path):
    """Input function: a file of studies of these names; none of the others."""
    return lambda wildcards: path if wildcards.study in names else []


images = where(studies_where(lambda s: s.images), "<results>/{study}/images.npy")


def of_files(ask):
    """Params function: what ``ask`` says of the files of a study; it may refuse them."""

    def of_wildcards(wildcards):
        try:
            return ask(STUDIES[wildcards.study], wildcards)
        except ArmedError as error:
            raise WorkflowError(str(error)) from None

    return of_wildcards


def files_of(find):
    """Input function: what ``find`` names; a user's files stay where they are, not in a storage."""
    find = of_files(find)
    return lambda wildcards: [
        path if path.startswith("<results>") else local(path)
        for path in find(wildcards)
    ]


# Changes with what the user's raw files hold, which their times may hide; nothing where a rule writes them.
raw_content = of_files(lambda study, wildcards: study.raw_content)


def study_tables(*names):
    """Tables of a study by name, as input or output."""
    return {name: f"<results>/{{study}}/{name}.parquet" for name in names}


# What every kind of study is prepared to.
DATASET = study_tables(
    "samples", "truth", "cluster_truth", "display", "flow", "descriptives"
)


# The menu of the report, which is sorted by name: the answer, the studies in the order of the configuration.
MENU = {
    name: f"{place:02}. {name}"
    for place, name in enumerate(["Scorecard", *STUDIES, "Effects"], start=1)
}


def menu_entry(wildcards):
    """Entry of the menu of the report under which a study is found."""
    return MENU[wildcards.study]


def figure_labels(wildcards, output):
    """Name of a figure in the report, and what it shows where the paper has said it."""
    study, said = Path(output.table).parent.name, ""
    found = Path(output.table).parents[1] / "findings.csv"
    if found.is_file():
        with found.open(encoding="utf-8", newline="") as lines:
            rows = {
                (row["study"], row["figure"]): row["shows"] for row in DictReader(lines)
            }
        said = rows.get((study, wildcards.figure), "")
    label = figures.about(wildcards.figure)["label"]
    return {"item": f"{label}. {said}" if said else label}


def page(name, item, *, caption=None, subcategory="Tables"):
    """Output: a page of a study in the report, explained by the caption of its own name unless another is given."""
    return report(
        f"<results>/tables/{{study}}/{name}.html",
        caption=f"../report/{caption or name}.rst",
        category=menu_entry,
        subcategory=subcategory,
        labels={"item": item},
    )


def fold_parts(study, path):
    """A file of every part of the folds of a study; parts beyond its folds would be empty."""
    return gather.folds(path)[: STUDIES[study].folds]


def model_files(name, models="trained_models", ending="parquet"):
    """Input function: a file of every part of every model of a sort of the study."""
    path = f"<results>/{{study}}/{{model}}/{{{{scatteritem}}}}/{name}.{ending}"
    return lambda wildcards: [
        part
        for model in getattr(STUDIES[wildcards.study], models)
        for part in fold_parts(
            wildcards.study, path.format(study=wildcards.study, model=model)
        )
    ]


def trial_parts(study, model, part, path="<results>/{study}/{model}/{part}/trials"):
    """A file of every part of the trials of a model on a part of the folds; none without a search."""
    if model not in STUDIES[study].tuned_models:
        return []
    folder = path.format(study=study, model=model, part=part)
    ending = "tsv" if path.startswith("<benchmarks>") else "parquet"
    return gather.trials(f"{folder}/{{scatteritem}}.{ending}")


def all_trials(study, **where):
    """Those of all models of a study, on all parts of its folds."""
    return [
        file
        for model in STUDIES[study].tuned_models
        for part in fold_parts(study, "{scatteritem}")
        for file in trial_parts(study, model, part, **where)
    ]


def model_trials(wildcards):
    """Input function: trials of a model on the part of the folds that a job trains."""
    return trial_parts(wildcards.study, wildcards.model, wildcards.scatteritem)


def study_trials(wildcards):
    """Input function: all trials of a study."""
    return all_trials(wildcards.study)


def study_targets(names):
    """Every figure, table and page of some studies."""
    return [path for name in names for path in STUDIES[name].targets]


def run_targets():
    """Everything that a run makes: figures, tables and pages of every study, claims, paper and record."""
    return [
        *study_targets(STUDIES),
        *(EFFECTS.targets if EFFECTS else []),
        *(["<results>/tables/claims.html"] if CLAIMS else []),
        "<results>/paper.html",
        "<results>/figures/costs.svg",
        "<results>/tables/provenance.html",
    ]


def crate_files():
    """What of a run is for others: what it makes, and the tables behind it."""
    main = [
        "tables/findings.csv",
        "tables/provenance.csv",
        "paper.md",
        *(["tables/claims.csv"] if CLAIMS else []),
    ]
    tables = paper.tables(STUDIES, EFFECTS)
    return [
        *run_targets(),
        *tables,
        *(f"<results>/{file}" for file in main),
        "<benchmarks>/costs.csv",
    ]


def benchmark_files():
    """Benchmark of every job that prepares, trains or evaluates."""
    paths = []
    for name, study in STUDIES.items():
        paths += [f"<benchmarks>/{job}.tsv" for job in jobs.once(study)]
        for job in jobs.by_folds(study):
            paths += fold_parts(name, f"<benchmarks>/{job}/{{scatteritem}}.tsv")
        paths += all_trials(name, path="<benchmarks>/run_trials/{study}/{model}/{part}")
        if study.images:
            job = f"prepare_{study.images}/{name}"
            parts = getattr(gather, study.images)
            paths += parts(f"<benchmarks>/{job}/{{scatteritem}}.tsv")
    if EFFECTS:
        for job in ("fit_documented", "compare_fixed_parts"):
            paths += gather.documented(f"<benchmarks>/{job}/{{scatteritem}}.tsv")
        paths += collect("<benchmarks>/train_cell/{cell}.tsv", cell=EFFECTS.cells)
    return paths


def effects_page(name, item):
    """Output: a page of the study of effects in the report."""
    return report(
        f"<results>/tables/effects/{name}.html",
        caption=f"../report/effects_{name}.rst",
        category=MENU["Effects"],
        subcategory="Tables",
        labels={"item": item},
    )


def effects_inputs(wildcards):
    """Files that a figure of the study of effects reads."""
    return {
        "documented_variances": {
            "documented_effects": gather.documented(
                "<results>/effects/documented/{scatteritem}.parquet"
            )
        },
        **dict.fromkeys(
            ("simulated_variances", "coverage"),
            {"grid_summary": "<results>/effects/grid_summary.parquet"},
        ),
    }[wildcards.figure]


def effects_targets(wildcards):
    """Input function: every figure and page of the study of effects."""
    if not EFFECTS:
        raise WorkflowError(
            "the configuration has no block 'effects', expected it for the target effects; add it "
            "(config/config.yaml has one)"
        )
    return EFFECTS.targets


def caption_of(figure):
    """Params function: the text that explains a figure, for it or for a page of the same."""
    return of_study(
        lambda study: figures.caption(
            figure, study.name, study.settings, known=study.generated
        )
    )


def figure_inputs(wildcards):
    """Files that a figure of a study reads, by name; of what the study lacks there are none."""
    study = STUDIES[wildcards.study]
    if wildcards.figure not in study.figures:
        raise WorkflowError(
            f"{study.name} has no figure '{wildcards.figure}', expected one of "
            f"{listing(study.figures, 99)}; correct the name"
        )
    found = {"samples": f"<results>/{study.name}/samples.parquet"}
    for name, (file, whose) in figures.reads(wildcards.figure).items():
        if whose in ("study", "truth"):
            lacking = whose == "truth" and not study.generated
            found[name] = [] if lacking else f"<results>/{study.name}/{file}"
        else:
            ending = file.rpartition(".")[2]
            found[name] = model_files(name, f"{whose}_models", ending)(wildcards)
    return found
