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
.PHONY: help install demo serve stop test test-slow test-clients test-go test-typescript test-java test-mlflow test-conformance \
  conformance-table drivers test-faults test-minio test-beside lint format gen gen-check breaking schema bench wheels clean

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
	@$(BIN)/pytest --numprocesses 3 --dist worksteal

test-slow: install ## The tests that take half a minute each, such as random searches page by page (minutes)
	@$(BIN)/pytest -m slow

# Languages other than Python, and what each needs in PATH.
LANGUAGES := go typescript java
TOOL_go := go
TOOL_typescript := npm
TOOL_java := mvn
NEED_go := Go 1.26 or newer (https://go.dev/dl)
NEED_typescript := Node 20 or newer, with npm (https://nodejs.org)
NEED_java := a JDK 17 or newer, and Maven 3.8 or newer (https://maven.apache.org)
# Ends with a line that says what is missing; $(1) is the language.
needs = command -v $(TOOL_$(1)) >/dev/null || { echo "error: clients/$(1) needs $(NEED_$(1)), and there is no $(TOOL_$(1)) in PATH" >&2; exit 1; }

test-clients: test-go test-typescript test-java test-conformance ## Every client: its own tests, its examples, and all conformance cases

test-go test-typescript test-java: test-%: install ## One client's own tests and examples
	@$(call needs,$*)
	@$(MAKE) --no-print-directory -C clients/$* test
	@$(MAKE) --no-print-directory -C clients/$* examples

test-conformance: $(if $(CLIENT),install,drivers) ## All cases through every client: ONLY=word picks cases, CLIENT=go a client
	@$(BIN)/python -m tests.conformance.run $(if $(ONLY),-k '$(ONLY)') $(if $(CLIENT),--client $(CLIENT))

conformance-table: drivers ## The same, and its table into tests/conformance/README.md
	@$(BIN)/python -m tests.conformance.run --write

drivers: install build/bin/grpcurl ## Build what the conformance cases run through
	@$(foreach language,$(LANGUAGES),$(call needs,$(language));)
	@$(foreach language,$(LANGUAGES),$(MAKE) --no-print-directory -C clients/$(language) driver || exit 1;)

# Tools that Go's own package manager builds: the version of each is here and nowhere else.
build/bin/grpcurl: MODULE := github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4
build/bin/ghz: MODULE := github.com/bojand/ghz/cmd/ghz@v0.93.0
build/bin/grpcurl build/bin/ghz:
	@$(call needs,go)
	@mkdir -p build/bin
	@.ci/progress "Building $(@F) from its module" env GOBIN=$(CURDIR)/build/bin go install $(MODULE)

test-minio: install build/minio ## The artifact suites on a real MinIO (needs Go, once; without it says so)
	@if [ -x build/minio ]; then RUNLORE_TEST_S3=minio $(BIN)/pytest -m '' tests/store/minio_settings.py \
	  tests/store/test_blob_stores.py tests/store/test_blob_s3.py tests/store/test_collection.py \
	  tests/store/test_collection_races.py tests/service/test_artifacts.py tests/service/test_blobs.py \
	  tests/service/test_upkeep.py tests/service/test_deploy.py tests/clients/test_artifacts.py \
	  tests/clients/test_uploads.py tests/clients/minio_refusals.py && \
	  RUNLORE_TEST_S3=minio $(BIN)/python -m tests.faults -k "s3 or object_store or store_that"; fi

build/minio:
	@if command -v go >/dev/null; then mkdir -p build && .ci/progress "Building MinIO from its module (minutes)" \
	  env GOBIN=$(CURDIR)/build go install github.com/minio/minio@latest; \
	  else echo "skipped: the tests on MinIO need Go to build it (https://go.dev/dl), and there is no go in PATH"; fi

MLFLOW_ENVS := build/mlflow-oldest build/mlflow-newest build/mlflow-skinny
test-mlflow: install $(MLFLOW_ENVS:=/.installed) ## The MLflow plugin beside MLflow's own store, its oldest and newest version (minutes; ONLY=word picks)
	@for version in oldest newest; do \
	  echo "== MLflow $$(build/mlflow-$$version/bin/python -c 'import mlflow.version; print(mlflow.version.VERSION)')"; \
	  RUNLORE_TEST_SKINNY=$(CURDIR)/build/mlflow-skinny/bin/python build/mlflow-$$version/bin/python -m pytest \
	    tests/clients/mlflow --numprocesses 2 --dist worksteal -m "$$([ $$version = newest ] || echo 'not slow')" $(if $(ONLY),-k '$(ONLY)') || exit 1; done

# Compiled once: where bytecode is not written, each process that imports MLflow would spend many seconds on it.
build/mlflow-%/.installed: tests/clients/mlflow/requirements-%.txt pyproject.toml clients/python/pyproject.toml clients/mlflow/pyproject.toml
	@rm -rf build/mlflow-$* && mkdir -p build && $(PYTHON) -m venv --without-pip build/mlflow-$*
	@.ci/progress "Installing MLflow into build/mlflow-$*" $(UV) pip install --compile-bytecode --python build/mlflow-$*/bin/python \
	  --requirement tests/clients/mlflow/requirements-$*.txt
	@.ci/progress "Installing Runlore beside it" $(UV) pip install --python build/mlflow-$*/bin/python --no-deps \
	  $(if $(filter skinny,$*),,--editable .) --editable clients/python --editable clients/mlflow
	@touch $@

test-faults: install ## Inject faults and compare with an independent record: SEED=number repeats, ONLY=word picks (minutes)
	@RUNLORE_FAULTS_SEED=$(SEED) $(BIN)/python -m tests.faults $(if $(ONLY),-k '$(ONLY)')

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

gen: install ## Generate the web port's description and the clients' code, of each language whose tools are there
	@$(BIN)/python clients/python/generate.py
	@$(BIN)/python -m runlore_server.web.openapi
	@$(call each_language,gen)

gen-check: install ## Fail when the committed generated code is not what `make gen` writes
	@$(BIN)/python clients/python/generate.py --check
	@$(BIN)/python -m runlore_server.web.openapi --check
	@$(call each_language,gen-check)
	@echo "generated code is current"

# Makes a target of every language whose tools are there, and says which ones are not.
each_language = $(foreach language,$(LANGUAGES),if command -v $(TOOL_$(language)) >/dev/null; \
  then $(MAKE) --no-print-directory -C clients/$(language) $(1) || exit 1; \
  else echo "skipped: clients/$(language) needs $(NEED_$(language)), and there is no $(TOOL_$(language)) in PATH"; fi;)

breaking: install ## Fail on a change that breaks clients of the released contract; prove that the check works
	@.ci/breaking

schema: install ## Write store/sql/schema.sql, the schema of record, from the migrations
	@$(BIN)/python -m tests.migration.schema

bench: install $(if $(shell command -v go),build/bin/ghz) ## Measure beside what bounds it: ONLY=pattern picks scenarios, SIZE=tiny is a smoke test
	@UV="$(UV)" $(BIN)/python -m tests.bench

wheels: install ## Build the distributions into dist/
	@rm -rf dist
	@$(UV) build --all-packages --wheel --quiet --out-dir dist
	@$(UV) build --wheel --quiet --out-dir dist clients/mlflow
	@ls dist

clean: ## Remove .venv, caches and what was built; data in .runlore stays
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@$(foreach language,$(LANGUAGES),$(MAKE) --no-print-directory -C clients/$(language) clean;)
