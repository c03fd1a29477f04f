# Till: `make run` and `make test` are all that a fresh machine needs; each sets up what it lacks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
T ?= tests
# One more than processors: tests wait for processes half of their time.
J ?= 3

.DEFAULT_GOAL := help
.PHONY: help setup check test conformance soak run bench docs lock tools

help: ## Show this help
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/run.stamp: requirements/run.lock pyproject.toml
	@echo "setting up $(VENV): what Till needs to run"
	@$(PYTHON) -c 'import sys; sys.exit("Till needs Python 3.11 or newer; say make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements/run.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@# pip compiles what it copies, and copies nothing here: each command would do it again.
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.lock
	@echo "setting up $(VENV): what the tests and checks need"
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@

setup: $(VENV)/dev.stamp ## Create .venv with everything

tools: setup ## Find or install what tests need beyond Python: PostgreSQL, Chromium, Node
	@$(BIN)/python scripts/tools.py

check: setup ## Format, lint, types, import contracts, printed docs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m till.cli.main docs --check

test: tools check ## All checks and tests; T=tests/unit for a part
	@$(BIN)/python -m pytest -n $(J) --dist worksteal $(T)

conformance: setup ## The public Liquid cases through Till's own environment
	@$(BIN)/python scripts/conformance.py

soak: tools ## The long proofs: 1,000 kills on each store, 10,000 lives, 500 power cuts, Schemathesis
	@TILL_TEST_KILLS=1000 $(BIN)/python -m pytest -p no:randomly tests/crash
	@TILL_TEST_LIFE=10000 $(BIN)/python -m pytest -p no:randomly tests/life
	@TILL_TEST_KILLS=1000 TILL_TEST_CUTS=500 TILL_TEST_DEEDS=all TILL_TEST_PARTITION=90 \
		TILL_TEST_WEBHOOK_LIVES=10000 $(BIN)/python -m pytest -p no:randomly -rP tests/faults
	@TILL_TEST_CASES=3 $(BIN)/python -m pytest -p no:randomly -rP tests/contract/test_schemathesis.py

run: $(VENV)/run.stamp ## A demo shop on http://127.0.0.1:8080
	@$(BIN)/till demo

bench: tools ## One table: each row a ratio to a limit of the same run
	@$(BIN)/python -m bench

docs: setup ## Print docs/reference from the code
	@$(BIN)/python -m till.cli.main docs

lock: ## Write requirements/*.lock anew (needs uv)
	@scripts/lock.sh
