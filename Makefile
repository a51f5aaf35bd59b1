# Needs Python 3.11 or newer and make. Everything else comes into .venv, pinned with hashes.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONPATH := gen:.

help:    ## What can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ /'

setup: .venv/.done  ## Install what is needed

.venv/.done: requirements-dev.lock pyproject.toml
	@echo "installing into .venv ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e gen -e .
	@touch $@

gen: setup  ## Regenerate gen/ from protos/
	$(BIN)/python -m gateway.generate

run: setup  ## Run the platform on this machine, until Ctrl-C
	@$(BIN)/gotong run

demo: setup  ## Play a direct order against the running platform
	@$(BIN)/gotong demo

test: setup  ## All tests
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: setup  ## Types, lint, imports, contracts, generated files up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m gateway.generate
	git diff --exit-code --stat gen
	$(BIN)/buf lint gen/descriptors.binpb
	$(BIN)/buf breaking gen/descriptors.binpb --against gen/released.binpb

bench: setup  ## Measure, and print ratios
	@$(BIN)/python -m tests.bench

fmt: setup  ## Format
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

lock:    ## Resolve and pin the dependencies anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -o requirements.lock -q
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -o requirements-dev.lock -q

clean:   ## Remove what was made: environment, data, caches
	rm -rf .venv .gotong .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info gen/*.egg-info

.PHONY: help setup gen run demo test check bench fmt lock clean
