# Everything a developer runs. `make` alone lists the targets.
# Needed: Python 3.11 or newer with its venv module. Nothing outside this folder is changed, save the usual package caches;
# but if there is no Chromium or no GnuPG, root's apt-get installs it for the tests of pages and of signatures.

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

ARCHIVE := hybrid-connectors-*.tar.gz
INSTALLED := .cache/installed

.NOTPARALLEL:
.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.demo ## See the collection at work against the simulator; needs no account anywhere
	@python tools/demo.py

.PHONY: test
test: lint docs sanity test-fast ## Every check and test

.PHONY: test-fast
test-fast: $(VENV)/.development ## All tests that pytest runs, without the static checks and ansible-test sanity
	@python tools/chromium.py
	@python tools/debian.py
	pytest -n auto

.PHONY: coverage
coverage: $(VENV)/.development ## Measure how much of the collection the unit tests run; lists the rest in .cache/coverage_html
	pytest -n auto tests/unit --cov --cov-report=html --cov-report=term

.PHONY: molecule
molecule: $(VENV)/.development ## Run the scenarios of the roles one after the other, as molecule shows them; SCENARIO=fleet_report for one
	molecule test $(if $(SCENARIO),--scenario-name $(SCENARIO),--all)

.PHONY: test-all
test-all: build ## Sanity and all tests with every ansible-core from 2.16, as the Pythons here allow; SERIES=2.16 for one
	python tools/matrix.py $(SERIES)

.PHONY: secrets
secrets: $(VENV)/.development ## Everything with secrets of all kinds in all situations, which takes long; looks for them everywhere
	SWEEP=whole pytest -n auto tests/behaviour/test_secrets_of_modules.py tests/behaviour/test_secrets_of_playbooks.py

.PHONY: mutation
mutation: $(VENV)/.development ## Change what all modules share a little, thousands of times: does a test notice? PART=requests for a part
	python tools/mutation.py $(PART)

.PHONY: bench
bench: $(VENV)/.development ## Time customers and inventories in several ways, and write the tables of the docs; BENCH=--quick or --full
	python -m benchmarks $(BENCH)
	python -m benchmarks.inventory $(BENCH)

.PHONY: faults
faults: $(VENV)/.development ## Every call of every module meets every fault, and bulk runs are killed; writes the page of the docs
	PYTHONPATH=tests:.cache/collections:roles/simulator/files python -m faults
	PYTHONPATH=tests:.cache/collections:roles/simulator/files python -m kills

.PHONY: pictures
pictures: $(VENV)/.development ## Take the pictures of docs/images anew, with a made-up fleet in the simulator
	@python tools/chromium.py
	python tools/pictures.py

.PHONY: lint
lint: lint-github lint-changelog ## Static checks of code, YAML, documentation, workflows and changelog
	ruff check
	ruff format --check
	mypy
	PYTHONPATH="$(CACHE)/collections" lint-imports --no-logo --cache-dir .cache/import_linter
	yamllint --strict .
	ansible-lint
	HOME="$(CACHE)/home" antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs all .

.PHONY: lint-github
lint-github: $(VENV)/.development
	check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	check-jsonschema --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yml
	check-jsonschema --builtin-schema vendor.github-actions .github/actions/*/action.yml
	check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*_*.yml
	zizmor --quiet --offline --strict-collection .github
	pre-commit validate-config

.PHONY: lint-changelog
lint-changelog: $(VENV)/.development
	@mkdir -p .cache/home # antsibull writes its log into the home folder
	HOME="$(CACHE)/home" antsibull-changelog lint

.PHONY: docs
docs: $(VENV)/.development ## Build the documentation site in .cache/site/html; a warning or a dead link is an error
	python tools/docsite.py

.PHONY: format
format: $(VENV)/.development ## Lay out all Python as the checks want it
	ruff format

.PHONY: build
build: $(VENV)/.development ## Build the archive, install the collection from it, read its documentation there
	@rm -rf $(ARCHIVE) $(INSTALLED)
	@python tools/build.py .
	ANSIBLE_COLLECTIONS_PATH="$$PWD/$(INSTALLED)" ansible-galaxy collection install --offline -p $(INSTALLED) $(ARCHIVE)
	python tools/documentation.py $(INSTALLED)

.PHONY: release-check
release-check: lint build ## See what a release would be: changelog, archive, galaxy-importer; nothing is released
	@python tools/debian.py
	python tools/release_check.py
	pytest -n auto tests/release tests/unit/test_archive.py

# The token is in a file, because every user of the machine can read the arguments of a command.
.PHONY: publish
publish: build ## Upload the archive to Galaxy: TAG=<tag of the release>, with a token in the variable GALAXY_TOKEN
	@version=$$(sed -n 's/^version: //p' galaxy.yml); \
	[ "$(TAG)" = "$$version" ] || { echo "The tag '$(TAG)' is not the version '$$version' in galaxy.yml." >&2; exit 1; }; \
	grep -q "^v$$version$$" CHANGELOG.rst || { echo "CHANGELOG.rst does not contain version $$version." >&2; exit 1; }
	@umask 077; file=$$(mktemp); trap 'rm -f "$$file"' EXIT; printf 'token: %s\n' "$${GALAXY_TOKEN:?is not set}" > "$$file"; \
	ANSIBLE_GALAXY_TOKEN_PATH="$$file" ansible-galaxy collection publish $(ARCHIVE)

.PHONY: sbom
sbom: $(VENV)/.development ## Write a bill of materials of the execution environment to .cache/sbom.cdx.json
	@python tools/sbom.py .cache/sbom.cdx.json

.PHONY: audit
audit: $(VENV)/.development ## Ask a database on the internet for known weaknesses of all packages that are installed
	@python tools/audit.py

.PHONY: sanity
sanity: build ## ansible-test sanity on the built collection, for every Python found
	python tools/sanity.py

.PHONY: generate
generate: $(VENV)/.development ## Write the files that follow from others: documentation fragments, action groups, surveys
	python tools/generate.py

.PHONY: requirements
requirements: $(VENV)/.development ## Pin the newest versions of what requirements/*.in ask for
	python tools/requirements.py

.PHONY: clean
clean: ## Remove everything that was made here, the environment too
	rm -rf $(VENV) $(ARCHIVE) .cache .ansible .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

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
	@python tools/environment.py -r $<
	@$(if $(filter %.development,$@),python tools/awx_collection.py)
	@touch $@

$(VENV)/.development: tools/awx_collection.py
