# Everything a developer runs. `make` alone lists the targets.
# Needed: Python 3.11 or newer with its venv module. Nothing outside this folder is changed, save the usual package caches.

PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
VENV := .venv
CACHE := $(CURDIR)/.cache
BIN := $(CURDIR)/$(VENV)/bin

export PATH := $(BIN):$(PATH)
export LC_ALL := $(if $(filter Darwin,$(shell uname)),en_US.UTF-8,C.UTF-8)
export ANSIBLE_HOME := $(CACHE)/ansible
export ANSIBLE_COLLECTIONS_PATH := $(CACHE)/collections
export RUFF_CACHE_DIR := $(CACHE)/ruff
export PYTHONDONTWRITEBYTECODE := 1
unexport PYTHONPATH PYTHONHOME ANSIBLE_CONFIG

.NOTPARALLEL:
.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: test-fast
test-fast: $(VENV)/.development ## Unit and behaviour tests only
	pytest -n auto

.PHONY: lint
lint: $(VENV)/.development ## Static checks: ruff, mypy, yamllint
	ruff check
	mypy
	yamllint --strict .

$(VENV)/.python:
	@for python in $(PYTHON); do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$("$$python" --version)"; \
	    "$$python" -m venv --clear $(VENV) && touch $@; exit; \
	  fi; \
	done; \
	echo "Python 3.11 or newer with its venv module is needed (Debian and Ubuntu: apt install python3-venv);" \
	  "if it is not on the PATH, say where it is: make PYTHON=/path/to/python3.12" >&2; \
	exit 1

$(VENV)/.demo $(VENV)/.development: $(VENV)/.%: requirements/%.txt $(VENV)/.python
	@echo "Installing $<"
	@$(BIN)/python tools/environment.py -r $<
	@touch $@
