# What a person types. `make help` explains each; the recipes are what CI runs too (.ci/run).

SHELL := /bin/bash
BIN := .venv/bin
PYTHON ?= python3
# uv from PATH, else one of our own beside the environment that it keeps in step.
UV_VERSION := 0.13.9
UV := $(or $(shell command -v uv 2>/dev/null),.venv/tools/bin/uv)
INSTALLED := .venv/.installed
# Tools that start other tools (buf, protoc) find those of the environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install demo serve stop test test-conformance test-faults test-minio test-beside lint format gen gen-check breaking schema bench wheels clean

help: ## List the targets
	@echo "Runlore. Needs Python >= 3.11, make and git; everything else goes into .venv."
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target words; do \
	  printf '%-24s %s\n' "$$target" "$$words"; done

install: $(INSTALLED) ## Install everything into .venv, versions locked

$(INSTALLED): pyproject.toml clients/python/pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: $(PYTHON) is $$($(PYTHON) -V 2>&1); Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@if [ ! -x $(BIN)/python ]; then $(PYTHON) -m venv --without-pip .venv; fi
	@if ! command -v "$(UV)" >/dev/null; then $(PYTHON) -m venv .venv/tools && .ci/progress "Installing uv $(UV_VERSION)" \
	  .venv/tools/bin/pip install --disable-pip-version-check uv==$(UV_VERSION); fi
	@.ci/progress "Installing the locked versions into .venv" $(UV) sync --locked --all-packages
	@touch $@

demo: install ## Tell the whole story with a real server, real data and real models (under a minute)
	@$(BIN)/python clients/python/examples/demo/main.py

serve: install ## Leave a server running on 127.0.0.1:7410 and say what to type next
	@.ci/serve

stop: ## Stop the server that `make serve` left running
	@.ci/serve stop

test: install ## The tests that a person runs: no database or other language needed
	@$(BIN)/pytest

test-conformance: install ## The conformance suite alone, and which RPCs it covers
	@$(BIN)/pytest tests/conformance
	@$(BIN)/python -m tests.conformance.runner

test-minio: install build/minio ## The artifact suites on a real MinIO (needs Go, once; without it says so)
	@if [ -x build/minio ]; then RUNLORE_TEST_S3=minio $(BIN)/pytest tests/store/minio_settings.py \
	  tests/store/test_blob_stores.py tests/store/test_blob_s3.py tests/store/test_collection.py \
	  tests/store/test_collection_races.py tests/service/test_artifacts.py tests/service/test_blobs.py \
	  tests/service/test_upkeep.py tests/service/test_deploy.py tests/clients/test_artifacts.py \
	  tests/clients/test_uploads.py tests/clients/minio_refusals.py && \
	  RUNLORE_TEST_S3=minio $(BIN)/python -m tests.faults -k "s3 or object_store or store_that"; fi

build/minio:
	@if command -v go >/dev/null; then mkdir -p build && .ci/progress "Building MinIO from its module (minutes)" \
	  env GOBIN=$(CURDIR)/build go install github.com/minio/minio@latest; \
	  else echo "skipped: the tests on MinIO need Go to build it (https://go.dev/dl), and there is no go in PATH"; fi

test-faults: install ## Inject faults and compare with an independent record: SEED=number repeats, ONLY=word picks (minutes)
	@RUNLORE_FAULTS_SEED=$(SEED) $(BIN)/python -m tests.faults $(if $(ONLY),-k $(ONLY))

test-beside: install ## The client beside protovalidate 1.x and 2.x, installed for real (needs a package index)
	@$(BIN)/python tests/clients/beside_protovalidate.py $(UV)

lint: install ## ruff, mypy --strict and buf lint
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@cd protos && buf lint

format: install ## Put Python code into the one format
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format

gen: install ## Generate the clients' code from protos/
	@$(BIN)/python clients/python/generate.py

gen-check: install ## Fail when the committed generated code is not what `make gen` writes
	@$(BIN)/python clients/python/generate.py --check
	@echo "generated code is current"

breaking: install ## Fail on a change that breaks clients of the released contract; prove that the check works
	@.ci/breaking

schema: install ## Write store/sql/schema.sql, the schema of record, from the migrations
	@$(BIN)/python -m tests.migration.schema

bench: install ## Measure beside what bounds it: ONLY=pattern picks scenarios, SIZE=tiny is a smoke test
	@UV="$(UV)" $(BIN)/python -m tests.bench

wheels: install ## Build the distributions into dist/
	@rm -rf dist
	@$(UV) build --all-packages --wheel --quiet --out-dir dist
	@ls dist

clean: ## Remove .venv, caches and what was built; data in .runlore stays
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
