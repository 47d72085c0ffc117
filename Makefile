# Makes everything ready and runs it. `make help` lists what there is to do.
.DEFAULT_GOAL := ready
.NOTPARALLEL:
.PHONY: ready check test lint types pins llama-portable clean help

# The claim goes to the program through the environment, exactly as it was written: make must not expand the
# dollars in it ($(value) keeps them), and the shell sees only the variable's name.
override CLAIM := $(value CLAIM)
export CLAIM

PYTHON := .venv/bin/python
PREPARE := @sh tools/venv.sh && $(PYTHON) -m tools.prepare

ready: ## make the virtual environment, the models and the index ready
	$(PREPARE) run

check: ## check a claim: make check CLAIM="Russia launched 183 drones"
	@test -n "$$CLAIM" || { echo 'give a claim: make check CLAIM="Russia launched 183 drones"' >&2; exit 2; }
	$(PREPARE) run
	@.venv/bin/factcheck check --exit-zero -- "$$CLAIM"

test: ## run the tests
	$(PREPARE) test
	@$(PYTHON) -m pytest

lint: ## check style and formatting
	$(PREPARE) lint
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

types: ## check the types
	$(PREPARE) lint
	@$(PYTHON) -m mypy
	@$(PYTHON) -m mypy tools

llama-portable: ## build llama-cpp-python anew, for any processor of this kind
	$(PREPARE) portable

pins: ## write the versions in .venv to requirements/
	@$(PYTHON) -m tools.pin

clean: ## remove .venv and caches; the index, models and compiled wheels stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | while IFS='|' read -r target text; do \
		printf '%-20s %s\n' "$$target" "$$text"; done
