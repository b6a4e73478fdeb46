# make run: install into .venv if needed, then serve. ARGS="--media FOLDER --port 9000" are handed on.
BIN := .venv/bin
DESCRIBES := pyproject.toml package.json hatch_build.py tools/prepare
export PATH := $(PATH):$(CURDIR)/$(BIN)

.PHONY: run install test check bench
.DEFAULT_GOAL := run

run: install
	@exec $(BIN)/python -m streamer $(ARGS)

install: .venv/.ready-to-run

.venv/.ready-to-run: $(DESCRIBES)
	@tools/prepare run
	@touch $@

.venv/.ready-to-test: .venv/.ready-to-run
	@tools/prepare test
	@touch $@

check: .venv/.ready-to-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	npm run --silent check
	$(BIN)/codespell $$(git ls-files 2>/dev/null)

test: .venv/.ready-to-test
	node --test --test-reporter=dot tests/js/
	$(BIN)/python -m pytest -q --cov --cov-report= $(PYTEST)
	$(BIN)/coverage report --include='sessions/core/*' --fail-under=100 --skip-covered

bench: .venv/.ready-to-test
	@for claim in store ranges paced room skew; do \
	  printf '\n== %s\n' $$claim; $(BIN)/python -m bench.$$claim || exit 1; done
