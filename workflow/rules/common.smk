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

from armed.errors import ArmedError, ConfigError
from armed_study.config import checks, jobs, planning
from armed_study.provenance import fingerprint as provenance

try:
    STUDIES = planning.plan(checks.read(config))
    checks.check_references(STUDIES, config["reference_model"])
except ConfigError as error:
    raise WorkflowError(f"Error in the configuration: {error}") from None


def one_of(names):
    """Regular expression that matches these names only; nothing if there are none."""
    return "|".join(names) or "(?!)"


def studies_where(holds):
    """Names of the studies of which something holds."""
    return [name for name, study in STUDIES.items() if holds(study)]


def studies_with(output):
    """Studies that have a figure, or a page of their kind."""
    return studies_where(lambda study: output in (*study.figures, *study.pages))


def studies_from(rule):
    """Studies whose raw files a rule writes."""
    return studies_where(lambda study: study.raw_rule == rule)


def studies_of(images):
    """Studies of images of a sort: scans or frames; None: of tables."""
    return studies_where(lambda study: study.images == images)


wildcard_constraints:
    study=one_of(STUDIES),
    model=one_of({m: s for s in STUDIES.values() for m in s.trained_models}),


def code(script, *modules):
    """Fingerprint of a script and of the modules under src that it imports."""
    return provenance.fingerprint(WORKFLOW / "scripts" / script, modules)


def of_study(ask):
    """Params function: what ``ask`` says of the study."""
    return lambda wildcards: ask(STUDIES[wildcards.study])


def of_model(ask):
    """Params function: what ``ask`` says of the study and the model."""
    return lambda wildcards: ask(STUDIES[wildcards.study], wildcards.model)


def study_settings(*keys):
    """Params function: these keys of the study's configuration."""
    return of_study(lambda study: {key: study.settings[key] for key in keys})


def kind_code(script):
    """Params function: as `code`, with the module of the study's kind."""
    return of_study(lambda study: code(script, study.prepare_module))


def model_code(script):
    """Params function: as `code`, with the modules of the model's method and network."""
    return of_model(lambda study, model: code(script, *study.modules(model)))


study_title = of_study(lambda study: study.title)
study_metrics = of_study(lambda study: study.metrics)
published_values = of_study(lambda study: study.published_values)
origin = of_study(lambda study: study.origin)
derived_rows = of_study(lambda study: study.derived_rows)
seeds = of_study(lambda study: study.seeds)
data_settings = of_study(lambda study: study.data_settings)
model_method = of_model(lambda study, model: study.method_of(model))
model_settings = of_model(lambda study, model: study.model_settings(model))


def where(names, path):
    """Input function: a file of studies of these names; none of the others."""
    return lambda wildcards: path if wildcards.study in names else []


images = where(studies_where(lambda s: s.images), "<results>/{study}/images.npy")


def files_of(find):
    """Input function: what ``find`` names; a user's files stay where they are, not in a storage."""

    def of_wildcards(wildcards):
        try:
            paths = find(STUDIES[wildcards.study], wildcards)
        except ArmedError as error:
            raise WorkflowError(str(error)) from None
        return [path if path.startswith("<results>") else local(path) for path in paths]

    return of_wildcards


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


def study_targets(names):
    """Every figure, table and page of some studies."""
    return [path for name in names for path in STUDIES[name].targets]


def benchmark_files():
    """Benchmark of every job that prepares, trains or evaluates."""
    paths = []
    for name, study in STUDIES.items():
        paths += [f"<benchmarks>/{job}.tsv" for job in jobs.once(study)]
        for job in jobs.by_folds(study):
            paths += fold_parts(name, f"<benchmarks>/{job}/{{scatteritem}}.tsv")
        for images, job in jobs.by_images(study):
            paths += getattr(gather, images)(f"<benchmarks>/{job}/{{scatteritem}}.tsv")
    return paths
