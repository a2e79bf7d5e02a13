# `make help` lists the targets. `make serve` and `make test` are all a newcomer needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8000
APPOINTED_DATA ?= data
VENV := .venv
BIN := $(VENV)/bin
SERVE_STAMP := $(VENV)/.serve-installed
DEV_STAMP := $(VENV)/.dev-installed
CLIENTS_STAMP := tests/clients/node_modules/.package-lock.json
PYTEST := $(BIN)/pytest -q
# Tests of one group (tests/sharing.py) stay on one worker, so that a database or server is started once.
SPREAD := -n 2 --dist loadscope --no-loadscope-reorder

# What the fast loop runs: the rooms alone, without servers, databases, browsers and searches through many examples
# (tests/ical reads hundreds of random series).
UNIT := $(addprefix tests/,domain patching usecases http sealing meetings jobs sqod superoffice house) \
	--ignore=tests/superoffice/archive

# Whatever test knows a full size, or is too long for every day.
SIZED = $(shell grep -rlE 'APPOINTED_TEST_SIZE|IS_FULL|a_seed|mark\.long|contracts\.office' tests --include='test_*.py')

# Tests of the whole by its doors. The inner rooms are covered without them, and counting lines takes a fifth of the time.
DOORS := tests/contracts tests/console tests/clients tests/golden

.PHONY: help install serve check test test-long bench bench-full golden docs lock setup-debian debian-test debian-bench clean \
        format lint types imports unit

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 18

$(VENV):
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: $(PYTHON) was not found." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: $$($(PYTHON) --version) was found." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "The venv module is needed (Debian: python3-venv)." >&2; exit 1; }

$(SERVE_STAMP): requirements/serve.txt pyproject.toml | $(VENV)
	@echo "Installing what the server needs ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/serve.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(DEV_STAMP): requirements/dev.txt pyproject.toml | $(VENV)
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@ $(SERVE_STAMP)

$(CLIENTS_STAMP): tests/clients/package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed: run make setup-debian." >&2; exit 1; }
	@npm ci --prefix tests/clients --no-audit --no-fund --loglevel=error
	@touch $@

install: $(SERVE_STAMP) ## Make .venv with the server and its locked packages

serve: $(SERVE_STAMP) ## Start the server with the demo tenant (PORT=8000, APPOINTED_DATA=data)
	@APPOINTED_DATA='$(APPOINTED_DATA)' $(BIN)/appointed serve --demo --port $(PORT)

format: $(DEV_STAMP)
	@$(BIN)/ruff format --check -q . || { echo "Run .venv/bin/ruff format ." >&2; exit 1; }

lint: $(DEV_STAMP)
	@$(BIN)/ruff check -q .

types: $(DEV_STAMP)
	@$(BIN)/mypy --no-error-summary

imports: $(DEV_STAMP)
	@$(BIN)/lint-imports --no-cache --no-logo >/dev/null || $(BIN)/lint-imports --no-cache --no-logo

unit: $(DEV_STAMP) $(CLIENTS_STAMP)
	@$(PYTEST) $(SPREAD) -m "not server and not long" $(UNIT)

check: format lint types imports unit ## The fast loop: format, lint, types, imports, unit tests (< 60 s)

debian-test debian-bench:
	@tools/setup_debian $(@:debian-%=%)

setup-debian: ## Install the Debian packages for tests and measurements (idempotent; needs root if any is missing)
	@tools/setup_debian

test: debian-test format lint types imports $(CLIENTS_STAMP) ## Every check and every test, on both engines
	@rm -f .coverage .coverage.*
	@inner=0; \
	$(PYTEST) $(SPREAD) -m "not long" --cov --cov-report= $(DOORS:%=--ignore=%) tests || inner=$$?; \
	$(PYTEST) $(SPREAD) -m "not long" $(DOORS) && exit $$inner
	@$(BIN)/coverage report --fail-under=100 --skip-covered

test-long: debian-test $(DEV_STAMP) $(CLIENTS_STAMP) ## The long tests at full size
	@APPOINTED_TEST_SIZE=full $(PYTEST) $(SPREAD) --timeout=3600 $(SIZED)

bench: debian-test debian-bench $(DEV_STAMP) ## PATCH/s on both engines beside pgbench, short
	@$(BIN)/python -m bench.patch --seconds 3

bench-full: debian-test debian-bench $(DEV_STAMP) ## The same, long enough to quote, with memory after 100,000 patches
	@$(BIN)/python -m bench.patch --seconds 15 --memory

golden: $(DEV_STAMP) ## Rewrite the golden answers; review the diff
	@APPOINTED_REWRITE_GOLDEN=1 $(PYTEST) tests/golden

docs: $(DEV_STAMP) ## Rewrite the generated pages of docs/
	@$(BIN)/python tools/coverage_of_clauses.py
	@$(BIN)/python tools/settings_page.py

lock: $(DEV_STAMP) ## Renew the lock files from pyproject.toml
	@tools/lock

clean: ## Remove what make made, but no data
	@rm -rf $(VENV) tests/clients/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis test-output
