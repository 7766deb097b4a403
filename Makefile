# make run          set up, migrate, demonstration city on first start; serve http://127.0.0.1:8000
# make test         the whole check; PARTIAL=1 runs what this machine can
# make bench        the README's speed table
# make words        bring the catalogue up to date with the source and compile it
# make screenshots  the README's pictures, taken from today's program
# make locks        pin the newest dependencies that requirements*.in allow (needs uv)

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip --quiet --disable-pip-version-check install
HASHED := --require-hashes --only-binary :all: --requirement
CATALOGUE := server/locale/ja/LC_MESSAGES/messages
HTMX := build/assets/htmx.min.js
HTMX_SHA256 := 71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de
READY := .venv/.project $(HTMX) $(CATALOGUE).mo

.PHONY: run test bench words screenshots locks
.DELETE_ON_ERROR:

run: $(READY)
	@$(BIN)/tonari migrate
	@$(BIN)/tonari demo --first
	@$(BIN)/tonari serve

test: $(READY) .venv/.dev
	@PARTIAL=$(PARTIAL) sh tests/check.sh

bench: $(READY) .venv/.dev
	@$(BIN)/python -m bench.run

words: $(READY)
	@$(BIN)/pybabel --quiet extract --mapping babel.cfg --keyword Refused --keyword N_ \
	    --no-location --sort-output --output-file build/messages.pot .
	@$(BIN)/pybabel --quiet update --locale ja --ignore-obsolete --no-fuzzy-matching --width 100 \
	    --ignore-pot-creation-date --input-file build/messages.pot --output-file $(CATALOGUE).po
	@$(BIN)/pybabel compile --statistics --locale ja \
	    --input-file $(CATALOGUE).po --output-file $(CATALOGUE).mo

screenshots: $(READY) .venv/.dev
	@$(BIN)/python -m docs.screenshots

locks:
	for name in requirements requirements-dev "requirements-assets --no-deps"; do \
	    set -- $$name; uv pip compile --quiet --generate-hashes --universal --no-header --upgrade \
	    $$2 $$1.in --output-file $$1.lock || exit 1; done

.venv/.runtime: requirements.lock
	@echo "Setting up: the locked dependencies"
	@$(PYTHON) -m venv .venv
	@$(INSTALL) $(HASHED) requirements.lock
	@touch $@

.venv/.project: pyproject.toml .venv/.runtime
	@$(INSTALL) --no-build-isolation --no-deps --no-index --editable .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	@echo "Setting up: what the check needs"
	@$(INSTALL) $(HASHED) requirements-dev.lock
	@touch $@

$(HTMX): requirements-assets.lock .venv/.runtime
	@$(INSTALL) --no-deps --upgrade --target build/assets $(HASHED) requirements-assets.lock
	@cp build/assets/django_htmx/static/django_htmx/htmx-2.min.js $@
	@echo "$(HTMX_SHA256)  $@" | sha256sum --check --quiet

$(CATALOGUE).mo: $(CATALOGUE).po .venv/.runtime
	@$(BIN)/pybabel --quiet compile --locale ja --input-file $< --output-file $@
