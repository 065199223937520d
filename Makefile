# Two commands are enough: `make run` and `make test`. The rest is what they are made of.

.PHONY: run test setup setup-dev runtime dev check fix catalog lock sbom
.SILENT:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
ENGLISH := translations/en/LC_MESSAGES/messages
TRANSLATE = test $(ENGLISH).mo -nt $(ENGLISH).po || \
	$(BIN)/pybabel --quiet compile --input-file $(ENGLISH).po --output-file $(ENGLISH).mo

run: setup
	exec $(BIN)/flask --app app serve

# Everything that CI runs; pytest comes last and has the last word.
test: setup-dev
	scripts/prepare-test-machine
	$(MAKE) check

setup: runtime
	$(TRANSLATE)
	$(BIN)/python scripts/build-kernel

setup-dev: dev
	$(TRANSLATE)
	$(BIN)/python scripts/build-kernel

$(BIN)/python:
	PYTHON="$(PYTHON)" scripts/make-venv

runtime: | $(BIN)/python
	scripts/install requirements.txt

dev: | $(BIN)/python
	scripts/install requirements-dev.txt requirements.txt

check: setup-dev
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache
	$(BIN)/djlint templates --lint --quiet --extension html
	mkdir -p build
	$(BIN)/python -m slipcover --json --out build/coverage.json \
		-m pytest --numprocesses 2 --dist worksteal --quiet
	scripts/covered 95

fix: setup-dev
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

# Gather the texts of the pages, macros too; then translate what is new in the .po file.
catalog: setup-dev
	$(BIN)/pybabel --quiet extract --mapping-file babel.cfg --ignore-dirs ".*" \
		--keywords "_l _n:1,2" --no-location --sort-output --output-file .venv/messages.pot .
	$(BIN)/pybabel --quiet update --input-file .venv/messages.pot --output-file $(ENGLISH).po \
		--locale en --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap

lock:
	scripts/lock

# What the site is made of, for whoever has to look for known holes: build/sbom.json.
sbom: runtime
	scripts/sbom
