# Everything a fresh machine needs; `make help` lists it. Python 3.11–3.13 on Linux or macOS.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ribbon-ready
PYTEST := $(PY) -m pytest
# Each worker has its part of the tests in their order, so that what a module's tests share is made once; who is done takes from the others.
SIDE_BY_SIDE := --dist worksteal -n
DEMO := trading_data/demo
LIVE := trading_data/live
SAMPLE := .make/sample
# Kernels forked from one process that has the imports done; RIBBON_WARM=0 does without.
WARM := JUPYTER_DEFAULT_PROVISIONER_NAME=ribbon-warm
LAB_PAGE := $(VENV)/etc/jupyter/labconfig/page_config.json

# What `python` and `papermill` mean inside a recipe and in what it starts; one thread each, because two cores are shared by several kernels.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help setup demo live test test-fast test-pythons test-notebooks expected campaign mutants lab bench bench-evidence bench-experiment docs lint format browser constraints clean

help: ## list the targets (default)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(READY) ## make .venv with the pinned versions (PYTHON=… chooses the interpreter)
	@:

$(READY): pyproject.toml constraints.txt
	@scripts/make_venv.sh $(VENV) $(PYTHON)
	@touch $@

demo: setup ## make a synthetic market of three weeks with planted edges, run six cycles on it, print where the reports are
	@$(PY) -m scripts.make_demo $(DEMO)
	@echo "To look around in it: make lab"

live: setup ## trade on paper on a live market, by the rule decider: a week of history, a first cycle, then all of it until Ctrl-C (EXCHANGE=… takes another)
	@$(PY) -m scripts.make_live $(LIVE) $(EXCHANGE)

test: setup browser lint ## run all tests: unit, property, browser, notebooks
	@# Three on two cores: several tests wait for real time to pass.
	$(PYTEST) tests $(SIDE_BY_SIDE) 3 -m "not serial"
	$(PYTEST) tests -m serial || [ $$? -eq 5 ]
	@[ -z "$(wildcard notebooks/*.ipynb)" ] || $(MAKE) --no-print-directory test-notebooks

test-fast: setup ## run what takes seconds: no browser, no slow test
	$(PYTEST) tests $(SIDE_BY_SIDE) 2 -m "not slow and not browser and not serial"

test-pythons: ## run the fast tests on each Python 3.11 to 3.13 that is found (PYTHONS=… names others)
	@scripts/test_pythons.sh .make/pythons $(PYTHONS)

test-notebooks: setup ## run all notebooks on a fixed sample and compare their key figures (nbval)
	@$(PY) -m tests.make_sample $(SAMPLE)
	RIBBON_TRADING_DATA=$(CURDIR)/$(SAMPLE) $(WARM) $(PYTEST) --nbval-lax --nbval-current-env -p no:cacheprovider -n 2 --dist loadscope notebooks

expected: setup ## run the notebooks on the fixed sample and keep their compared figures as the new expectation
	@$(PY) -m tests.make_sample $(SAMPLE)
	RIBBON_TRADING_DATA=$(CURDIR)/$(SAMPLE) $(WARM) $(PY) -m nbconvert --to notebook --execute --inplace notebooks/*.ipynb
	@$(PY) -m scripts.strip_notebooks notebooks/*.ipynb

campaign: setup ## repeat the counted fault tests 1,000 times each (RUNS=…)
	RIBBON_FAULT_RUNS=$(or $(RUNS),1000) $(PYTEST) tests -m faults

mutants: setup ## change the code in small ways and see whether a test fails (ROOM=… one room, SHARE=… of them, 0 to 1; goes on where it was interrupted)
	@$(PY) -c 'import mutmut' 2>/dev/null || $(PY) -m pip install -qq --constraint constraints.txt --editable '.[dev,mutants]'
	@for room in $(or $(ROOM),files published exchange trade claude); do nice -n 19 $(PY) -m scripts.run_mutants $$room $(SHARE); done

lab: setup ## open JupyterLab on notebooks/00_start.ipynb (this machine only, with its token; LAB=… more options of it)
	@# No address of news alone leaves the question whether one wants them.
	@mkdir -p $(dir $(LAB_PAGE)); [ -e $(LAB_PAGE) ] || \
	echo '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}' >$(LAB_PAGE)
	@root=$$([ "$$(id -u)" -ne 0 ] || echo --allow-root); \
	$(WARM) exec $(PY) -m runner.processes.become lab $(CURDIR)/$(PY) -m jupyterlab --ServerApp.ip=127.0.0.1 \
		--ServerApp.root_dir=$(CURDIR) --LabApp.default_url=/lab/tree/notebooks/00_start.ipynb $$root $(LAB)

bench: setup ## measure cycle, window load, growth, backtest, sweep, replay and study; writes outputs/bench.json
	@# As set-up leaves the packages, though their code may have changed since.
	@$(PY) -m compileall -q lib runner
	@$(PY) -m bench outputs/bench.json

bench-evidence: setup ## simulate null weeks, planted edges and endings through the ledger, and questions explored, confirmed and followed (an hour and a half on two idle cores; goes on where it was interrupted); writes outputs/bench-evidence.json and outputs/bench-questions.json
	@$(PY) -m bench.evidence outputs/bench-evidence.json
	@nice $(PY) -m bench.questions outputs/bench-questions.json

bench-experiment: setup ## simulate experiments without a difference, with one and with harm (about 15 minutes on two idle cores; goes on where it was interrupted); writes outputs/bench-experiment.json
	@$(PY) -m bench.experiment outputs/bench-experiment.json

docs: setup ## build the documentation as a site in site/ (every link is checked)
	@$(PY) -m sphinx -b html -W --keep-going -q docs site
	@echo "$(CURDIR)/site/index.html"

lint: setup ## check style, formatting, stripped notebooks and the walls between the rooms
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m scripts.strip_notebooks --check $(wildcard notebooks/*.ipynb)
	@$(VENV)/bin/lint-imports --no-cache

format: setup ## format the code, mend what can be mended, strip the notebooks
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .
	@$(PY) -m scripts.strip_notebooks $(wildcard notebooks/*.ipynb)

browser: ## find Chromium, or install it where that is allowed (RIBBON_NO_BROWSER=1: do without)
	@scripts/find_browser.sh

constraints: setup ## resolve the newest versions anew for the Pythons in PYTHONS=… and write constraints.txt
	@$(PY) -m scripts.resolve_constraints constraints.txt $(or $(PYTHONS),python3.11 python3.12 python3.13)

clean: ## remove caches and build products; keeps .venv, trading_data and outputs
	@rm -rf .make site .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist *.egg-info
	@find lib runner tests scripts bench notebooks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
