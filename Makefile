# Everything a newcomer and CI need. `make` alone lists it.
PYTHON ?= python3
ifneq ($(filter command% environment%,$(origin PYTHON)),)
export PYTHON_IS_CHOSEN = 1
endif
BIN := .venv/bin/python
PACKAGES := oasst_site workers chats inference
# The checks read the settings and connect to nothing.
CHECKING := DEBUG=true DJANGO_SETTINGS_MODULE=tests.settings_without_database

# A link that leads nowhere is an error. Without the advertisement of its successor at each build.
SITE := NO_MKDOCS_2_WARNING=1 $(BIN) -m mkdocs build --strict --quiet

.DEFAULT_GOAL := help
.PHONY: help run run-local test test-engine local named check docs fmt translations bench chaos clean python packages stack dev

help: ## Say what there is
	@echo "make run      the whole system on this machine, on http://localhost:8000 (Ctrl-C ends it)"
	@echo "make run-local MODEL=...  the same with a model of yours: a hub id or a folder, served by transformers"
	@echo "make stack    only install what make run needs; docker/full-dev-setup.sh runs each process in a tmux pane"
	@echo "make dev      only install what the tests need; pytest by itself is docs/development.md"
	@echo "make test     every check and every test"
	@echo "make test-engine  the whole path over a real engine and a tiny model that the test makes"
	@echo "make check    lint, format, types, import rules, migrations, Django's checks, the documentation's links"
	@echo "make docs     the documentation as a site in .site/"
	@echo "make fmt      put the code into its format"
	@echo "make translations  bring the catalogues in chats/locale up to date with the code (docs/page.md)"
	@echo "make hooks    have git run the checks before each commit and each push"
	@echo "make bench    measure the running stack (docs/performance.md)"
	@echo "make chaos    kill, freeze and cut off what runs, N=50 times, and write the table of docs/reliability.md"
	@echo "make clean    throw away .venv, fetched libraries and caches; chats in .local/ stay"
	@echo
	@echo "Settings of make run: PORT=8000 HOST=127.0.0.1 MODEL_CONFIG_NAME=demo WEB=1 LOCAL_DIR=.local"
	@echo "DATABASE_URL, REDIS_URL and INFERENCE_SERVER_URL name servers of yours; PYTHON=python3.12 chooses a Python."

run: packages
	@exec $(BIN) manage.py up

# An engine of one's own has packages of its own, in an environment of their own: they are large.
run-local: named packages local ## A model on this machine
	@exec $(BIN) manage.py up --local-model "$(MODEL)"

named:
	@test -n "$(MODEL)" || { echo "make: which model? make run-local MODEL=HuggingFaceTB/SmolLM2-135M-Instruct, or MODEL=~/a-folder" >&2; exit 1; }

test-engine: dev local ## A real engine, real tokens
	@$(BIN) -m pytest -m engine tests/engine $(PYTEST_ARGS)

# On several processors at once (tests/side_by_side.py); what failed, again by itself.
test: dev check
	@echo "Running the tests; they begin when all of them are collected, after some seconds"
	@$(BIN) -m pytest -n auto $(PYTEST_ARGS) || { \
	  echo "Once more, only what failed: tests of processes and time may fail once on a machine that does other work too"; \
	  $(BIN) -m pytest --last-failed --last-failed-no-failures none $(PYTEST_ARGS); }

check: dev
	@$(BIN) -m ruff check .
	@$(BIN) -m ruff format --check .
	@echo "Checking types (mypy; the first time takes a minute), then imports"
	@$(CHECKING) $(BIN) -m mypy $(PACKAGES) tests manage.py
	@$(BIN) -c "from importlinter.cli import lint_imports_command as lint; lint()"
	@echo "Checking the migrations, Django's own checks, and the documentation's links by building it"
	@$(CHECKING) $(BIN) manage.py makemigrations --check --dry-run
	@$(CHECKING) $(BIN) manage.py check --fail-level WARNING
	@$(SITE)

docs: dev ## The documentation as a site
	@echo "Building the documentation"
	@$(SITE)
	@echo "Open .site/index.html; with its search: $(BIN) -m http.server --directory .site --bind 127.0.0.1 8008"

fmt: dev
	@$(BIN) -m ruff check --fix .
	@$(BIN) -m ruff format .

hooks: dev ## The checks before each commit and each push
	@.venv/bin/pre-commit install

translations: dev ## The texts of the code into the catalogues
	@$(CHECKING) $(BIN) -m tests.translations

# In an environment of its own, of what make run installs: the checks' packages would be measured, too.
bench: python ## Measure the running stack
	@OASST_VENV=.venv-bench $(PYTHON) requirements/install.py requirements/bench.txt
	@.venv-bench/bin/python -m oasst_site.stack.frontend
	@.venv-bench/bin/python -m tests.bench $(MEASURES) $(if $(FLAMES),--flames) $(if $(WEB),--web $(WEB)) $(if $(WORKERS),--workers $(WORKERS))

N ?= 50
chaos: dev ## Strike the real processes with every fault, N times
	@$(BIN) -m tests.chaos --runs $(N) --write

clean:
	rm -rf .venv .venv-local .venv-bench .site staticfiles chats/page/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
	  echo "make: there is no $(PYTHON) here. Install Python 3.11 to 3.13, or name one: make run PYTHON=/path/to/python3" >&2; exit 1; }

local: python
	@test -n "$(LOCAL_ENGINE_PYTHON)" || OASST_VENV=.venv-local $(PYTHON) requirements/install.py requirements/local.txt

packages: python
	@$(PYTHON) requirements/install.py requirements/stack.txt

stack: packages ## What make run needs, without starting it
	@$(BIN) -m oasst_site.stack.frontend

dev: python
	@$(PYTHON) requirements/install.py requirements/dev.txt
	@$(BIN) -m oasst_site.stack.frontend

.DEFAULT:
	@echo "make: there is no '$@'; make alone lists what there is" >&2; exit 1
