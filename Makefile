# The book's commands. `make help` lists them.

.DEFAULT_GOAL := help
.PHONY: help setup book sheets pdf zip film test test-hosts hosts host-binder host-colab \
	test-properties test-seeds notebooks lab address matrix matrix-one times site-report \
	site-check bench lint format links links-external audit release-notes constraints clean

# With NEWEST=1, in an environment of its own, the newest versions of everything.
VENV ?= $(if $(NEWEST),.venv-newest,.venv)
BIN := $(VENV)/bin
NOTEBOOKS := index.ipynb symptoms.ipynb $(wildcard chapters/*.ipynb)
NBVAL := --nbval-sanitize-with tests/book/nbval_sanitize.cfg
# Modules or notebooks at a time, 1 GB each: a browser often waits, and so two cores do three.
SHARED := -n $(or $(PROCESSES),3) --dist loadfile --no-loadscope-reorder
PAGE := helpers/playground helpers/diagnosis _static _ext tools   # JavaScript, JSON and CSS
FORMS := .github/ISSUE_TEMPLATE
TESTS := tests/unit tests/book tests/browser
COLAB := .venv-colab/environment/bin

# Builds and tests show no progress bars and no greetings of TensorFlow, and the kernel is the
# virtual environment's own, whatever kernels are installed beside it.
export TQDM_DISABLE := 1
export TF_CPP_MIN_LOG_LEVEL := 3
export TF_ENABLE_ONEDNN_OPTS := 0
export JUPYTER_PREFER_ENV_PATH := 1
# Two notebooks on two cores: a thread each takes a fifth less time than threads that compete.
export TF_NUM_INTRAOP_THREADS := 1
export TF_NUM_INTEROP_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
unexport JUPYTER_PATH

# PYTHON=... if given, else the virtual environment's, else the first of these that fits.
SUPPORTED := 3.13 3.12 3.11
PYTHONS := $(or $(PYTHON),$(wildcard $(BIN)/python) python3 $(SUPPORTED:%=python%))
VERSION_OF := -c 'import ensurepip, sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
FITTING := $(shell for p in $(PYTHONS); do v=$$("$$p" $(VERSION_OF)); \
	case " $(SUPPORTED) " in (*" $$v "*) echo "$$p" "$$v"; break;; esac; done)
FOUND = $(shell for p in $(PYTHONS); do v=$$("$$p" --version 2>/dev/null); \
	"$$p" -c 'import ensurepip' 2>/dev/null || v="$${v:+$$v without its venv module}"; \
	echo "$$p is $${v:-not there};"; done)
WRONG_PYTHON = This book needs one of Python $(SUPPORTED) with venv. Found: $(FOUND) name another \
	with PYTHON=, for example: make book PYTHON=python3.12

CHOSEN := $(word 1,$(FITTING))
READY := $(VENV)/.ready-$(word 2,$(FITTING))
READY_BOOK := $(VENV)/.ready-book-$(word 2,$(FITTING))
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check
UNPINNED := sed '/^-/d' requirements-book.txt requirements.txt

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make the virtual environment (NEWEST=1: .venv-newest, with the newest versions)

$(READY): $(READY_BOOK) requirements.txt pyproject.toml
	@echo "Installing into $(VENV): some minutes the first time, about 3 GB."
	@$(if $(NEWEST),$(UNPINNED) | $(PIP) -r /dev/stdin,$(PIP) -r requirements.txt)
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $@

$(READY_BOOK): requirements-book.txt constraints.txt
	$(if $(CHOSEN),,$(error $(WRONG_PYTHON)))
	@echo "Installing what builds the site into $(VENV) with $(CHOSEN)."
	@[ "$(CHOSEN)" = "$(BIN)/python" ] || "$(CHOSEN)" -m venv --clear $(VENV)
	@rm -f $(VENV)/.ready-*
	@$(PIP) $(if $(NEWEST),pip,-r requirements-book.txt)
	@touch $@

book: $(READY_BOOK) ## build the site from the notebooks' stored outputs; a warning fails it
	rm -rf _build
	PYTHONPATH="$(CURDIR)" $(BIN)/jupyter-book build . -W --keep-going
	@echo "Open file://$(CURDIR)/_build/html/index.html"

# Three runs a page take some minutes; PAGES="index run" RUNS=1 is quicker.
site-report: book ## what the pages weigh, and what Lighthouse says of them (or said last)
	$(BIN)/python tools/measure_site.py $(if $(RUNS),--runs $(RUNS)) $(PAGES)

# Of each page all four views, light and dark, wide and narrow, of which `make test` takes two.
site-check: site-report ## the report, then links, accessibility and two more browsers on each page
	$(BIN)/python tools/links.py
	VIEWS=all $(BIN)/python -m pytest $(SHARED) tests/browser/test_access.py tests/browser/test_site.py

sheets: setup book ## print guide, poster and sheet into their PDFs (needs Chromium or Chrome)
	PYTHONPATH="$(CURDIR):$(CURDIR)/_ext" $(BIN)/python tools/print_sheets.py

pdf: setup book ## print the whole book into _build/pdf/book.pdf (needs Chromium or Chrome)
	PYTHONPATH="$(CURDIR)/_ext" $(BIN)/python tools/print_book.py

zip: $(READY_BOOK) ## put all notebooks with what they need into _build/notebooks.zip
	PYTHONPATH="$(CURDIR)" $(BIN)/python _ext/book_zip.py

film: ## film the landing page's figure into docs/playground.webp (after `make book`; Chromium)
	$(BIN)/python tools/animate.py

test: lint ## lint, unit tests, pages in a browser, every notebook and its solutions
	BOOK_SEED=0 $(BIN)/python -m pytest $(SHARED) $(TESTS) $(NOTEBOOKS) --nbval $(NBVAL)

# BOOK_CHAPTERS=all runs all chapters there, BOOK_SEED=7 on other data than BOOK_SEED=1. On Colab's
# side the unit tests run by its own pytest, and one chapter at a time, as each installs the package.
test-hosts: hosts ## the first cells, unit tests and some chapters on hosts like Binder's and Colab's
	$(BIN)/python -m pytest $(SHARED) tests/hosts
ifeq ($(shell uname -s),Linux)
	BOOK_SEED=0 $(COLAB)/pytest $(SHARED) -W ignore tests/unit --ignore=tests/unit/fit
ifeq ($(BOOK_CHAPTERS),all)
	$(COLAB)/pytest -W ignore --nbval-lax .venv-colab/book/chapters/0[1-4]*.ipynb
endif
endif

hosts: setup ## build environments like Binder's and Colab's, .venv-binder and .venv-colab
ifeq ($(shell uname -s),Linux)
	@echo "Building environments like those of Binder and Colab: some minutes the first time, 5 GB."
	@$(MAKE) --no-print-directory -j 2 host-binder host-colab
else
	@echo "Binder and Colab run Linux: what tests them is skipped on this system."
endif

host-binder:
	@$(BIN)/python tools/environments.py binder .venv-binder

host-colab:
	@$(BIN)/python tools/environments.py colab .venv-colab

# EXAMPLES=200 for fewer, SEED=... to repeat a search, PROCESSES=1 on a small machine.
test-properties: setup ## compare fit with model.fit in 2,000 random cases and for all that Keras has
	INSPECT=all $(BIN)/python -m pytest -q tests/unit/fit/test_training_inspection.py
	$(BIN)/python tests/unit/fit/test_training_properties.py --examples $(or $(EXAMPLES),2000) \
		--processes $(or $(PROCESSES),2) $(if $(SEED),--seed $(SEED))

test-seeds: setup ## the notebooks' own assertions on other seeds (BOOK_SEED=1, or yours)
	BOOK_SEED=$(or $(BOOK_SEED),1) $(BIN)/python -m pytest $(SHARED) $(NOTEBOOKS) --nbval-lax $(NBVAL)

notebooks: setup ## renew the stored outputs that are out of date (ALL=1: all of them)
	BOOK_SEED=0 $(BIN)/python tools/notebooks.py $(if $(ALL),--all) $(NOTEBOOKS)

times: setup ## time and peak memory of every notebook, on a copy
	$(BIN)/python tools/notebooks.py --times $(NOTEBOOKS)

lab: setup ## open the chapters in JupyterLab
	env -u TQDM_DISABLE -u TF_NUM_INTRAOP_THREADS -u TF_NUM_INTEROP_THREADS \
		$(BIN)/jupyter lab chapters

address: $(READY_BOOK) ## write the URL=... of the repository where it belongs (URL= takes it away)
	$(if $(filter command,$(origin URL)),,$(error Name it: make address URL=https://github.com/owner/name))
	@PYTHONPATH=.:_ext $(BIN)/python tools/address.py '$(URL)'

# PYTHON is named for each, so that every version gets a virtual environment of its own.
matrix: ## unit tests and chapters 1 and 2 on each supported Python that is installed
	@tools/matrix $(SUPPORTED)

# It inspects all that is public in Keras, of which `make test` inspects what the book trains, compares
# with a model.fit that is traced, and for longer, and looks at all four views of each page.
matrix-one: setup
	INSPECT=public VIEWS=all $(BIN)/python -m pytest $(SHARED) $(TESTS) --ignore=tests/browser/test_site.py
	$(BIN)/python -m pytest $(SHARED) chapters/01_*.ipynb chapters/02_*.ipynb --nbval-lax $(NBVAL)

bench: setup ## the benchmarks of speed
	@for f in tests/benchmarks/*.py; do $(BIN)/python "$$f" || exit 1; done

lint: setup ## ruff over code and notebooks, oxlint and oxfmt over the page's; spelling; forms
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/oxlint --quiet $(PAGE)
	$(BIN)/oxfmt --list-different $(PAGE)
	$(BIN)/codespell
	$(BIN)/check-jsonschema -q --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema -q --builtin-schema vendor.github-issue-config $(FORMS)/config.yml
	$(BIN)/check-jsonschema -q --builtin-schema vendor.github-issue-forms \
		$(filter-out %/config.yml,$(wildcard $(FORMS)/*.yml))
	$(BIN)/check-jsonschema -q --builtin-schema vendor.citation-file-format CITATION.cff
	$(BIN)/check-jsonschema -q --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor -q --offline --min-severity medium .github

format: setup ## let ruff, oxlint and oxfmt put code and notebooks in order
	$(BIN)/ruff check --no-cache --fix .
	$(BIN)/ruff format --no-cache .
	$(BIN)/oxlint --fix $(PAGE)
	$(BIN)/oxfmt $(PAGE)

links: book ## look for links of the site that lead nowhere
	$(BIN)/python tools/links.py

# It asks other hosts, of which one or the other is always away: weekly.yml does it, `make test` not.
links-external: $(READY_BOOK) ## follow the links to other hosts
	PYTHONPATH="$(CURDIR)" $(BIN)/jupyter-book build . --builder linkcheck -q \
		--path-output _build/linkcheck

audit: setup ## ask for known weaknesses of what is pinned and of the workflows' actions
	$(BIN)/pip-audit -r constraints.txt --no-deps --disable-pip
	$(BIN)/zizmor -q --min-severity medium .github

release-notes: $(READY_BOOK) ## what is said of the release TAG=v1.0.0, if all agree on its version
	@PYTHONPATH="$(CURDIR):_ext" $(BIN)/python tools/release.py '$(TAG)'

constraints: ## pin everything again, after a change to requirements.txt (needs uv)
	$(UNPINNED) | uv pip compile -q --universal --python-version $(lastword $(SUPPORTED)) - \
		-o constraints.txt --no-header --no-annotate

clean: ## remove what was built (the virtual environments stay)
	rm -rf _build *.egg-info
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
