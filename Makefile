# Two commands matter: `make serve` runs the gateway, `make test` passes the tests. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
TEST_STAMP := $(VENV)/.stamp-test
CONFIG ?= gateways.yaml
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

COMPILE := $(BIN)/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --strip-extras --allow-unsafe --no-header --no-annotate

.PHONY: help serve test check format bench lock clean

help: ## says what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(not (3, 11) <= v <= (3, 13) and "gateway needs Python 3.11 to 3.13, this is %d.%d: make PYTHON=python3.11 ..." % v)'
	@$(PYTHON) -m venv $(VENV) || { echo "python3 cannot make virtual environments: on Debian run 'apt-get install python3-venv'"; exit 1; }
	$(PIP) install --require-hashes --no-deps -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(TEST_STAMP): $(STAMP) requirements-test.txt
	$(PIP) install --require-hashes --no-deps -r requirements-test.txt
	@touch $@

serve: $(STAMP) ## sets everything up and runs the gateway on http://127.0.0.1:8787
	$(BIN)/gateway serve --config $(CONFIG)

test: $(TEST_STAMP) ## sets everything up and passes the tests (T=path runs some of them)
	$(BIN)/python -m pytest $(T)

check: $(TEST_STAMP) ## lint, types, import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(TEST_STAMP) ## formats the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(TEST_STAMP) ## measures CPU per call beside a bare route (needs nginx and wrk)
	$(BIN)/python -m bench

lock: $(TEST_STAMP) ## writes the hash-locked requirements anew from pyproject.toml
	$(PIP) install pip-tools
	$(COMPILE) --extra all --extra build -o requirements.txt pyproject.toml
	$(COMPILE) --extra all --extra build --extra test -o requirements-test.txt pyproject.toml

clean: ## removes what the other targets made
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache build *.egg-info
