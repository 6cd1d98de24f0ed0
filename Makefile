# Two commands matter: `make serve` runs the gateway, `make test` passes the tests. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
TEST_STAMP := $(VENV)/.stamp-test
CONFIG ?= gateways.yaml
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Tests run two at a time, but for those that measure time, or put servers under load: they run alone.
TOGETHER := $(wildcard tests/test_*.py $(addprefix tests/,cli compat conversation dialects docs edge helm house importing \
	logs policies prices providers sdks security settings telemetry translation wire) tests/e2e/test_phoenix.py)
ALONE := $(filter-out $(TOGETHER) tests/__pycache__,$(patsubst %/,%,$(wildcard tests/*/)))
QUIET := tests/telemetry/test_lag.py
APART := $(addprefix --ignore=,$(filter tests/e2e/%,$(TOGETHER)))

COMPILE := $(BIN)/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --strip-extras --allow-unsafe --no-header --no-annotate

.PHONY: help serve test check format bench lock trace-demo helm-tools cluster frameworks image clean

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
ifdef T
	$(BIN)/python -m pytest $(T)
else
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TOGETHER) $(addprefix --ignore=,$(QUIET))
	$(BIN)/python -m pytest $(ALONE) $(QUIET) $(APART)
endif

check: $(TEST_STAMP) ## lint, types, import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(TEST_STAMP) ## formats the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(TEST_STAMP) ## measures CPU per call (needs nginx and wrk; BENCH_TABLE=policies or unified: theirs)
	$(BIN)/python -m bench

lock: $(TEST_STAMP) ## writes the hash-locked requirements anew from pyproject.toml
	$(PIP) install pip-tools
	$(COMPILE) --extra all --extra build -o requirements.txt pyproject.toml
	$(COMPILE) --extra all --extra build --extra test -o requirements-test.txt pyproject.toml
	$(COMPILE) -o demo/phoenix-requirements.txt demo/phoenix-requirements.in

helm-tools: $(TEST_STAMP) ## fetches helm 3 and 4 and schemas for the chart's tests
	$(BIN)/python tests/helm/fetch.py

cluster: .cluster/etcd .cluster/kube-apiserver ## builds an API server for the chart's tests (Go, some minutes)

.cluster/etcd: $(wildcard tests/helm/cluster/etcd/*)
	CGO_ENABLED=0 go build -C tests/helm/cluster/etcd -trimpath -ldflags='-s -w' -o $(CURDIR)/$@ .

.cluster/kube-apiserver: $(wildcard tests/helm/cluster/apiserver/*)
	CGO_ENABLED=0 go build -C tests/helm/cluster/apiserver -trimpath \
	  -ldflags='-s -w -X k8s.io/component-base/version.gitVersion=v1.37.2' -o $(CURDIR)/$@ .

.phoenix/.stamp: demo/phoenix-requirements.txt
	$(PYTHON) -m venv .phoenix
	.phoenix/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r $<
	@touch $@

.phoenix/collector: demo/collector/main.go demo/collector/go.mod demo/collector/go.sum
	CGO_ENABLED=0 go build -C demo/collector -trimpath -ldflags='-s -w' -o ../../.phoenix/collector .

trace-demo: $(STAMP) .phoenix/.stamp ## starts Phoenix and a gateway, makes calls of every kind, says where to look
	@$(BIN)/python -m demo.trace_demo

frameworks: ## installs LangChain, LlamaIndex, Pydantic AI, the AI SDK and coding agents for their tests
	$(PYTHON) -m venv .frameworks
	.frameworks/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r tests/frameworks/requirements.txt
	npm --prefix tests/frameworks ci --ignore-scripts --no-audit --no-fund
	npm --prefix tests/frameworks/agents ci --ignore-scripts --no-audit --no-fund

image: ## builds the container image with docker
	docker build -t gateway:0.1.0 .

clean: ## removes what the other targets made
	rm -rf $(VENV) .phoenix .helm-tools .cluster .frameworks .mypy_cache .pytest_cache .ruff_cache build *.egg-info
