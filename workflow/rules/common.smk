# What the rules share: the checked configuration, wildcard constraints, input and params functions.

import sys
from pathlib import Path

# The folder of this workflow, also where another workflow uses it as a module.
WORKFLOW = Path(workflow.current_basedir.get_path_or_uri(secret_free=False)).parent
SOURCE = WORKFLOW.parent / "src"
if str(SOURCE) not in sys.path:
    # Snakemake hands this path on to the scripts, in their conda environments too.
    sys.path.insert(0, str(SOURCE))

from snakemake import __version__ as SNAKEMAKE_VERSION
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

from armed.errors import ArmedError, ConfigError
from armed_study import studies as kinds
from armed_study.config import checks as config_check
from armed_study.config import planning as plans
from armed_study.provenance import fingerprint as provenance

SCHEMA = "../schemas/config.schema.yaml"
try:
    config_check.check(config, WORKFLOW / "rules" / SCHEMA)
    validate(config, SCHEMA)  # fills in defaults
    STUDIES = plans.under_protocol(config["studies"])
    plans.check(STUDIES, config["reference_model"])
except ConfigError as error:
    raise WorkflowError(f"Error in the configuration: {error}") from None

FAMILIES = list(dict.fromkeys(study["family"] for study in STUDIES.values()))
MODELS = list(
    dict.fromkeys(m for s in STUDIES.values() for m in plans.trained_models(s))
)


def one_of(names):
    """Regular expression that matches these names only; nothing if there are none."""
    return "|".join(names) or "(?!)"


def studies_from(rule):
    """Studies whose raw files a rule writes."""
    return [name for name, study in STUDIES.items() if plans.raw_rule(study) == rule]


IMAGE_STUDIES = [name for name, study in STUDIES.items() if plans.images(study)]
TABLE_STUDIES = [name for name in STUDIES if name not in IMAGE_STUDIES]


def studies_of(images):
    """Studies of images of a sort: scans or frames."""
    return [name for name, study in STUDIES.items() if plans.images(study) == images]


wildcard_constraints:
    study=one_of(STUDIES),
    model=one_of(MODELS),


def code(script, *modules):
    """Fingerprint of a script and of the modules under src that it imports."""
    return provenance.fingerprint(WORKFLOW / "scripts" / script, modules)


def kind_code(script):
    """Params function: as `code`, with the module of the study's kind."""

    def of_study(wildcards):
        return code(
            script, f"armed_study.studies.{STUDIES[wildcards.study]['kind']}.prepare"
        )

    return of_study


def batch_code(wildcards):
    """As `code` for prepare_part.py, with the module that prepares batches of the study's kind."""
    kind = STUDIES[wildcards.study]["kind"]
    return code("prepare_part.py", kinds.load(kind).BATCHES)


def model_code(script):
    """Params function: as `code`, with the modules of the model's method and network."""

    def of_model(wildcards):
        study = STUDIES[wildcards.study]
        return code(script, *plans.modules(study, wildcards.model))

    return of_model


def membership_code(wildcards):
    """As `code` for infer_membership.py, with the module of the classifier's network."""
    block = STUDIES[wildcards.study]["membership"]["network"]
    return code("infer_membership.py", plans.network_module(block))


def study_settings(*keys):
    """Params function: these keys of the study's configuration."""

    def of_study(wildcards):
        return {key: STUDIES[wildcards.study][key] for key in keys}

    return of_study


def model_settings(wildcards):
    """Everything that the training of a model depends on."""
    return plans.model_settings(STUDIES[wildcards.study], wildcards.model)


def model_method(wildcards):
    """Name of the method that trains a model."""
    return plans.method_of(STUDIES[wildcards.study], wildcards.model)


def derived_rows(wildcards):
    """Rows of tables made from another model's predictions."""
    return plans.derived_rows(STUDIES[wildcards.study])


def seeds(wildcards):
    """Repetitions of each fold."""
    return STUDIES[wildcards.study]["splits"]["seeds"]


def data_settings(wildcards):
    """What the data of a study are made by."""
    return plans.data_settings(STUDIES[wildcards.study], config["seed"])


def where_they_are(paths):
    """Files of the user stay on their disk where results go to a storage."""
    return [path if path.startswith("<results>") else local(path) for path in paths]


def raw_files(wildcards):
    """Raw files of a study: written by a rule, or the user's own."""
    try:
        return where_they_are(
            plans.raw_files(wildcards.study, STUDIES[wildcards.study])
        )
    except ArmedError as error:
        raise WorkflowError(str(error)) from None


def part_files(wildcards):
    """Files, or folders, of one part of the images of a study."""
    try:
        return where_they_are(
            plans.part_files(
                wildcards.study, STUDIES[wildcards.study], wildcards.scatteritem
            )
        )
    except ArmedError as error:
        raise WorkflowError(str(error)) from None


def image_tree(wildcards, input):
    """Root of the tree of images: the user's, or the first input."""
    return plans.users_tree(STUDIES[wildcards.study]) or input[0]


def image_source(wildcards):
    """The generated tree, or what of the user's tells of samples beside their images."""
    return raw_files(wildcards)[0]


def image_truth(wildcards):
    """Truth of samples and clusters, where they are generated."""
    return raw_files(wildcards)[1:]


def images(wildcards):
    """Images of the samples, if they are images."""
    if wildcards.study in IMAGE_STUDIES:
        return f"<results>/{wildcards.study}/images.npy"
    return []


def fold_parts(study, path):
    """A file of every part of the folds of a study; parts beyond its folds would be empty."""
    return gather.folds(path)[: plans.folds(STUDIES[study])]


def model_files(name, models=plans.trained_models, ending="parquet"):
    """Input function: a file of every part of every trained model of the study."""

    def of_study(wildcards):
        return [
            part
            for model in models(STUDIES[wildcards.study])
            for part in fold_parts(
                wildcards.study,
                f"<results>/{wildcards.study}/{model}/{{scatteritem}}/{name}.{ending}",
            )
        ]

    return of_study


def disease_maps(wildcards):
    """True maps of the disease, where they are known."""
    if wildcards.study in studies_with("attribution"):
        return f"<results>/{wildcards.study}/disease_maps.npy"
    return []


def rendered(ending):
    """Input function: true renderings of chosen frames, or the table of them, where they are known."""

    def of_study(wildcards):
        if wildcards.study in studies_with("counterfactuals"):
            return f"<results>/{wildcards.study}/rendered.{ending}"
        return []

    return of_study


def origin(wildcards):
    """Where the data of a study come from, for captions."""
    return plans.origin(STUDIES[wildcards.study])


def recorded_studies():
    """What the record of a run tells of each study beside its tables."""
    return {
        name: {
            "title": study["title"],
            "kind": study["kind"],
            "data": plans.origin(study),
            "models": len(plans.trained_models(study)),
            "networks": len(plans.network_models(study)),
            "seeds": study["splits"]["seeds"],
        }
        for name, study in STUDIES.items()
    }


def study_title(wildcards):
    """Name of the study for readers."""
    return STUDIES[wildcards.study]["title"]


def published_values(wildcards):
    """Name of the published values shown beside those of the study."""
    return STUDIES[wildcards.study].get("published") or wildcards.study


def study_metrics(wildcards):
    """Metrics of the study's performance figure and table."""
    return plans.metrics(STUDIES[wildcards.study])


def studies_with(figure):
    """Studies that have a figure."""
    return [name for name, study in STUDIES.items() if figure in plans.figures(study)]


def attributed_models(study):
    """Models of a study whose attribution is looked at."""
    return plans.network_models(study) if "gradcam" in plans.figures(study) else []


def reconstructing_studies():
    """Studies of which some model reconstructs its input."""
    return [name for name, s in STUDIES.items() if plans.reconstructing_models(s)]


def imagining_models(study):
    """Models of a study that imagine frames on other dates."""
    return plans.imagining_models(study) if "dates" in plans.figures(study) else []


def studies_with_page(page):
    """Studies that have a table or page of their kind."""
    return [name for name, study in STUDIES.items() if page in plans.pages(study)]


def studies_beside():
    """Studies that are another one under another protocol."""
    return [name for name, study in STUDIES.items() if "beside" in study]


def beside(table):
    """Input function: a table of the study that this one is set beside."""

    def of_study(wildcards):
        return f"<results>/{STUDIES[wildcards.study]['beside']}/{table}.parquet"

    return of_study


def study_targets(names):
    """Every figure and table of some studies."""
    return [
        path
        for name in names
        for path in (
            *(
                f"<results>/figures/{name}/{figure}.svg"
                for figure in plans.figures(STUDIES[name])
            ),
            f"<results>/tables/{name}/performance_table.csv",
            *(
                f"<results>/tables/{name}/{page}.html"
                for page in plans.pages(STUDIES[name])
            ),
            *(
                [f"<results>/tables/{name}/optimism.csv"]
                if name in studies_beside()
                else []
            ),
        )
    ]


def family_targets(family):
    """Every figure and table of the studies of a family."""
    return study_targets(
        [name for name, study in STUDIES.items() if study["family"] == family]
    )


def batch_benchmarks(name):
    """Benchmark of every job that prepares a batch of images of a study."""
    images = plans.images(STUDIES[name])
    if images is None:
        return []
    path = f"<benchmarks>/prepare_{images}/{name}/{{scatteritem}}.tsv"
    return getattr(gather, images)(path)


def benchmark_files():
    """Benchmark of every job that prepares, trains or evaluates."""
    return [
        path
        for name, study in STUDIES.items()
        for path in (
            *(f"<benchmarks>/{rule}/{name}.tsv" for rule in plans.single_rules(study)),
            *fold_parts(
                name, f"<benchmarks>/infer_membership/{name}/{{scatteritem}}.tsv"
            ),
            *batch_benchmarks(name),
            *(
                part
                for model in plans.trained_models(study)
                for part in fold_parts(
                    name, f"<benchmarks>/train_model/{name}/{model}/{{scatteritem}}.tsv"
                )
            ),
            *(
                part
                for model in attributed_models(study)
                for part in fold_parts(
                    name,
                    f"<benchmarks>/attribute_model/{name}/{model}/{{scatteritem}}.tsv",
                )
            ),
            *(
                part
                for model in plans.reconstructing_models(study)
                for part in fold_parts(
                    name,
                    f"<benchmarks>/reconstruct_images/{name}/{model}/{{scatteritem}}.tsv",
                )
            ),
            *(
                part
                for model in imagining_models(study)
                for part in fold_parts(
                    name,
                    f"<benchmarks>/imagine_dates/{name}/{model}/{{scatteritem}}.tsv",
                )
            ),
        )
    ]
