# Watchdeck. Each target makes .venv and installs what it needs by itself, once.
#
#   make demo    a dashboard on http://127.0.0.1:8050, fed by a pretend AWS; no account needed
#   make run     the same on your own accounts, as config.yaml says
#   make test    all tests (a browser and PostgreSQL are found, installed or carried)
#   make check   style, types, import directions, documentation
#   make bench   every benchmark, with ratios to its peers
#   make clean   removes what was built; data in var/ stays
#   make lock    resolves the dependencies anew

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo run test check bench clean lock browser

PY := .venv/bin/python
CONFIG ?= config.yaml
# One more than a small machine has processors: some tests wait for what they have started.
WORKERS ?= 3

export PYTHONUNBUFFERED := 1

help:
	@sed -n 's/^#   make/make/p' Makefile

.venv/.run: requirements/run.lock pyproject.toml .ci/install
	@.ci/install run

.venv/.dev: requirements/dev.lock pyproject.toml .ci/install
	@.ci/install dev

.venv/.browser: .venv/.dev tests/support/chromium.py
	@$(PY) -m tests.support.chromium --install
	@touch $@

demo: .venv/.run
	@exec $(PY) -m app demo --config $(CONFIG)

run: .venv/.run
	@exec $(PY) -m app serve --config $(CONFIG)

test: .venv/.dev .venv/.browser
	$(PY) -m pytest -n $(WORKERS) --dist loadgroup $(TESTS)

check: .venv/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m pytest -q tests/docs

# What the benchmarks of logs and of forecasts compare with; left out where it cannot be had.
bench: .venv/.dev
	@$(if $(BENCH),$(if $(filter logs forecast,$(BENCH)),$(MAKE) --no-print-directory .venv/.peers || true),$(MAKE) --no-print-directory .venv/.peers || true)
	$(PY) -m bench $(BENCH)

.venv/.peers: requirements/peers.lock .ci/install
	@.ci/install peers

lock: .venv/.dev
	@uv=$$(command -v uv || echo .venv/bin/uv); \
	[ -x "$$uv" ] || $(PY) -m pip install --quiet uv; \
	compile() { "$$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links $(UPGRADE) "$$@"; }; \
	ours="pyproject.toml requirements/build.in"; \
	compile $$ours --all-extras -o requirements/dev.lock; \
	compile $$ours --extra demo --extra postgres -c requirements/dev.lock -o requirements/run.lock; \
	compile --group peers -o requirements/peers.lock

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench/out
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
