# `make study` and `make test` are all that is needed; each makes .venv first if it is not there.
# Settings: PYTHON=python3.12 (for .venv), CORES=2, ARGS="..." (to snakemake or pytest).

.POSIX:
.SUFFIXES:
.PHONY: help install study test lint docs site pictures lock package clean
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
CORES ?= all
ARGS ?=

# The first of these that is new enough; the locks are made with the first one.
CANDIDATES := python3.11 python3.12 python3.13 python3.14 python3 python
RECENT := -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p $(RECENT) 2>/dev/null && echo $$p && exit; done; \
	command -v python3 || echo python3)

# Snakemake looks for jobs to start once in this time for every job that has ended, besides when it ends; and waits
# for so long when all are done.
PACE := 1000/20s

# Stamps are written last, so that an interrupted installation is done again from the start.
STUDY := $(VENV)/.study
DEV := $(VENV)/.dev

help:  ## List the targets
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

install: $(STUDY)  ## Make .venv alone, with the command .venv/bin/armed for a table of yours

study: $(STUDY)  ## Run the study of config/config.yaml and build results/report.html
	PYTHONPATH=workflow/loggers$${PYTHONPATH:+:$$PYTHONPATH} $(BIN)/python -m snakemake --logger bar \
		--max-jobs-per-timespan $(PACE) --cores $(CORES) $(ARGS)
	$(BIN)/python -m snakemake --report results/report.html
	@echo "The study is done; its report: $(CURDIR)/results/report.html"

# Two workers more than cores: some wait for a cluster, or for a run that another makes.
# Those that need a cluster, a browser or environments are left out by ARGS="-m 'not system'".
test: $(DEV)  ## Run the tests; without those of the system: ARGS="-m 'not system'"
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

lint: $(DEV)  ## Check style, types, imports, the numbers of the structure, and the workflow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check workflow
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports
	$(BIN)/python -m tools.measure_structure
	$(BIN)/python -m snakemake --lint

docs: $(DEV)  ## Bring the generated parts of the documentation up to date (the graph needs graphviz)
	PYTHONPATH=src $(BIN)/python -m tools.config_docs
	PYTHONPATH=src $(BIN)/python -m tools.workflow_docs
	PYTHONPATH=src $(BIN)/python -m tools.site.figure_table
	$(BIN)/python -m snakemake --rulegraph dot | dot -Tsvg -o workflow/rulegraph.svg

site: $(DEV)  ## Build the documentation site, _site/docs/index.html (no network; a warning is an error)
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet --jobs 2 --conf-dir docs . _site

pictures: $(DEV)  ## Draw the pictures of the site again, from the code of its tutorials
	PYTHONPATH=src OMP_NUM_THREADS=1 $(BIN)/python -m tools.site.pictures

lock: $(DEV)  ## Pin requirements and conda environments again from pyproject.toml, and write recipes of containers
	$(BIN)/python -m tools.lock $(ARGS)
	$(BIN)/python -m tools.containers

package: $(DEV)  ## Build wheel and sdist, and try them in a fresh environment (downloads PyTorch)
	$(BIN)/python -m tools.check_package

clean:  ## Remove .venv and caches; results stay
	rm -rf $(VENV) _site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(STUDY): requirements/study.txt
	@command -v $(PYTHON) >/dev/null || { echo "Found no $(PYTHON), expected Python 3.11 or newer;" \
		"install it and name it: make $(or $(MAKECMDGOALS),study) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) requirements/check_python.py $(MAKECMDGOALS)
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install -r requirements/study.txt
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt $(STUDY)
	@rm -f $(STUDY)
	$(BIN)/python -m pip install -r requirements/dev.txt
	@touch $(STUDY) $@
