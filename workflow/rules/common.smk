# What the rules share: the checked configuration, wildcard constraints, input and params functions.

import sys
from functools import cache
from pathlib import Path

# The folder of this workflow, also where another workflow uses it as a module.
WORKFLOW = Path(workflow.current_basedir.get_path_or_uri(secret_free=False)).parent
SOURCE = WORKFLOW.parent / "src"
sys.path.insert(0, str(SOURCE))

from snakemake import __version__ as SNAKEMAKE_VERSION
from snakemake.exceptions import WorkflowError

from armed.errors import ArmedError, ConfigError
from armed_study import job
from armed_study.config import checks, effects, figures, jobs, planning
from armed_study.config.claims import paper
from armed_study.config.claims import planning as claims
from armed_study.io import yaml_files
from armed_study.messages import listing
from armed_study.provenance import fingerprint as provenance

job.import_from(SOURCE)

try:
    yaml_files.check_files(workflow.configfiles)
    CONFIGURATION = checks.read(config)
    STUDIES = planning.plan(CONFIGURATION)
    checks.check_references(STUDIES, config["reference_model"])
    EFFECTS = CONFIGURATION.effects and effects.plan(CONFIGURATION.effects)
    CLAIMS = claims.plan(CONFIGURATION.claims or {}, STUDIES, EFFECTS)
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


@cache
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


def titled(text):
    """Params function: title of the study, with more behind it."""
    return of_study(lambda study: f"{study.block.title}: {text}")


origin_title = of_study(lambda study: f"{study.block.title} ({study.origin})")
study_title = of_study(lambda study: study.block.title)
study_metrics = of_study(lambda study: study.metrics)
study_networks = of_study(lambda study: study.network_models)
published_values = of_study(lambda study: study.published_values)
origin = of_study(lambda study: study.origin)
caption_origin = of_study(lambda study: figures.literal(study.origin))
derived_rows = of_study(lambda study: study.derived_rows)
replicas = of_study(
    lambda study: {
        "seeds": study.block.splits.seeds,
        "config_seed": config["seed"],
    }
)
data_settings = of_study(lambda study: study.data_settings)
learned_by = of_model(lambda study, model: study.learned(model))
