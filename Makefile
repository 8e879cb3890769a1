# The course's commands; `make help` lists them. Python 3.11 to 3.13 and make are all that must be there.
PYTHON ?= python3
NB ?=
BIN := .venv/bin
COLAB_BIN := .venv-colab/bin
# Colab runs Python 3.13; where that is not installed, its packages run on the Python that is.
COLAB_PYTHON ?= $(shell python3.13 -c 'import sys; print(sys.executable)' 2>/dev/null \
	|| (prefix=$$(pyenv prefix 3.13 2>/dev/null) && echo $$prefix/bin/python) || command -v $(PYTHON))
BROWSER_NOTE = Then open http://127.0.0.1:8000 in a browser.
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONPATH = $(CURDIR)

.PHONY: help book serve lab notebooks record repository fallbacks test clean
.DEFAULT_GOAL := help

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

book: .venv/book.stamp  ## build the website into _build/html (no torch, no Node)
	@$(BIN)/jupyter-book build . -W --keep-going -q
	@echo "The site lies in _build/html. Serve it with \`make serve\`. $(BROWSER_NOTE)"

serve: .venv/book.stamp  ## serve the built website, compressed, on port 8000
	@$(BIN)/python -m kbook serve

lab: .venv/all.stamp  ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

notebooks: .venv/all.stamp  ## re-execute and normalize all notebooks, or one: NB=01
	$(BIN)/python -m kbook notebooks $(NB)

record: .venv/all.stamp  ## run the long parts of a chapter and store what they measured: NB=05, or one: NB=05_to_94
	$(BIN)/python -m kbook record $(NB)

repository: .venv/book.stamp  ## point every badge and install line at a fork: URL=https://github.com/…
	$(BIN)/python -m kbook repository $(URL)

fallbacks: .venv/all.stamp  ## photograph the widgets for readers without JavaScript
	$(BIN)/python -m kbook fallbacks

test: .venv/all.stamp .venv-colab/all.stamp  ## install what is missing and run every test
	KBOOK_PROFILE=quick PYDEVD_DISABLE_FILE_VALIDATION=1 $(BIN)/python -m pytest

clean:  ## remove everything that was built or installed
	rm -rf _build .venv .venv-colab

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/book.stamp: requirements-book.txt | .venv/bin/python
	$(BIN)/python -m pip install -q -r requirements-book.txt
	@touch $@

# micrograd's wheel has no tests, its source archive has: `Value` must pass them.
.venv/all.stamp: requirements.txt requirements-book.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q -r requirements.txt
	$(BIN)/python -m pip download -q --no-deps --no-binary micrograd -d .venv/micrograd micrograd==0.1.0
	@touch $@ .venv/book.stamp

.venv-colab/all.stamp: tests/colab-constraints.txt
	$(COLAB_PYTHON) -m venv .venv-colab
	$(COLAB_BIN)/python -m pip install -q nbclient tqdm $$(sed 's/#.*//' tests/colab-constraints.txt)
	@touch $@
