# Two commands are enough: `make run` and `make test`. The rest is what they are made of.

.PHONY: run test setup setup-dev check fix catalog lock
.SILENT:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PYTHON ?= $(firstword $(foreach v,python3.13 python3.12 python3.11 python3 python,$(shell command -v $(v) 2>/dev/null)))
MO := translations/en/LC_MESSAGES/messages.mo

run: setup
	exec $(BIN)/flask --app app serve

test: setup-dev
	scripts/prepare-test-machine
	$(MAKE) check

setup: .venv/.runtime $(MO)
setup-dev: .venv/.dev $(MO)

.venv/bin/python:
	PYTHON="$(PYTHON)" scripts/make-venv

# A stamp holds the lock's content: an unchanged lock installs nothing.
.venv/.runtime: requirements.txt | .venv/bin/python
	cmp -s requirements.txt $@ || test -e .venv/.dev && cmp -s requirements.txt $@ || \
		{ echo "installing what the site needs …"; $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt; }
	cp requirements.txt $@

.venv/.dev: requirements-dev.txt requirements.txt | .venv/bin/python
	cmp -s requirements-dev.txt $@ || \
		{ echo "installing what the tests need …"; $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt; }
	cp requirements-dev.txt $@
	cp requirements.txt .venv/.runtime

$(MO): translations/en/LC_MESSAGES/messages.po | .venv/bin/python .venv/.runtime
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

check: setup-dev
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache
	$(BIN)/djlint templates --lint --quiet --extension html
	$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered -q

fix:
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

# Gather the texts of the pages; translate what is new in messages.po.
catalog:
	$(BIN)/pybabel --quiet extract -F babel.cfg -k _l -k lazy_gettext --no-location --sort-output -o /tmp/tongxing.pot .
	$(BIN)/pybabel --quiet update -i /tmp/tongxing.pot -d translations -l en --no-fuzzy-matching --ignore-obsolete --omit-header

lock:
	scripts/lock
