# make run: install into .venv if needed, then serve. ARGS="--media FOLDER --port 9000" are handed on.
BIN := .venv/bin
DESCRIBES := pyproject.toml package.json hatch_build.py tools/bundle.js tools/prepare
VENDORED := $(wildcard static/vendor/vendored.txt)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run install test check bench again
.DEFAULT_GOAL := run

# A bundle that is older than the pages is made anew; where it can't be, the server serves the modules.
run: install
	@$(BIN)/python hatch_build.py >/dev/null || true
	@exec $(BIN)/python -m streamer $(ARGS)

install: .venv/.ready-to-run

.venv/.ready-to-run: $(DESCRIBES) $(if $(VENDORED),,again)
	@tools/prepare run
	@touch $@

.venv/.ready-to-test: .venv/.ready-to-run
	@tools/prepare test
	@touch $@

check: .venv/.ready-to-test
	ruff check --quiet
	ruff format --quiet --check
	mypy --no-error-summary
	@$(call quietly,lint-imports --no-logo)
	@$(call quietly,npm run --silent check)
	codespell

# These cover the core; to measure the others would make them a tenth slower.
PURE = tests/unit tests/live tests/services

test: .venv/.ready-to-test
	@tools/prepare system
	@$(call quietly,npm run --silent test)
	python -m pytest --quiet --cov --cov-report= $(PURE) $(PYTEST)
	@$(call quietly,coverage report --include='sessions/core/*' --fail-under=100 --show-missing)
	python -m pytest --quiet $(addprefix --ignore=,$(PURE)) $(PYTEST)

bench: .venv/.ready-to-test
	@tools/prepare bench
	python -m bench

# Runs a command whose words are of interest only where it fails.
quietly = $(1) >.venv/said 2>&1 || { cat .venv/said; exit 1; }
