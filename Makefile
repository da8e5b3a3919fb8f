# The commands for development. Run `make` to list the targets.
# The targets require Python 3.11 or later with its venv module. They change files in this directory and in package caches only.
# If Chromium or GnuPG is missing and you are root, `make test` installs the Debian package for the tests of pages and signatures.

PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
VENV := .venv
CACHE := $(CURDIR)/.cache
BIN := $(CURDIR)/$(VENV)/bin

export PATH := $(BIN):$(PATH)
export LC_ALL := $(if $(filter Darwin,$(shell uname)),en_US.UTF-8,C.UTF-8)
export ANSIBLE_HOME := $(CACHE)/ansible
export ANSIBLE_COLLECTIONS_PATH := $(CACHE)/collections
export RUFF_CACHE_DIR := $(CACHE)/ruff
# Python writes compiled files to one folder in the cache, and not next to the sources.
export PYTHONPYCACHEPREFIX := $(CACHE)/pycache
unexport PYTHONPATH PYTHONHOME ANSIBLE_CONFIG

ARCHIVE := hybrid-connectors-*.tar.gz
INSTALLED := .cache/installed
CONTENT := $(CACHE)/installed/ansible_collections/hybrid/connectors
# ansible-test tests the installed collection, to which the tests are added, because the archive does not contain them.
ANSIBLE_TEST = cp -R tests $(CONTENT) && cd $(CONTENT) && \
	HOME="$(CACHE)/home" ANSIBLE_TEST_CONTENT_ROOT="$(CONTENT)" ansible-test

.NOTPARALLEL:
.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.demo ## Run typical tasks against the simulator, without an account for any service
	@python tools/demo.py

.PHONY: test
test: lint docs sanity test-fast ## Run the checks and tests that a change requires (ten minutes)

.PHONY: test-fast
test-fast: $(VENV)/.development ## Run the tests of `make test` without static checks and ansible-test sanity
	pytest -n auto -m "not extended"

.PHONY: test-extended
test-extended: $(VENV)/.development ## Run the tests that `make test` leaves out, for example of pages, roles and releases
	@python tools/chromium.py
	@python tools/debian.py
	pytest -n auto -m extended

.PHONY: coverage
coverage: $(VENV)/.development ## Measure how much of the collection the unit tests run; lists the rest in .cache/coverage_html
	pytest -n auto tests/unit --cov --cov-report=html --cov-report=term

.PHONY: molecule
molecule: $(VENV)/.development ## Run the Molecule scenarios of the roles; SCENARIO=fleet_report: one scenario
	molecule test $(if $(SCENARIO),--scenario-name $(SCENARIO),--all)

.PHONY: test-all
test-all: build ## Run everything with all supported releases of ansible-core; SERIES=2.16: one release series
	python tools/matrix.py $(SERIES)

.PHONY: secrets
secrets: $(VENV)/.development ## Search for secrets in the output of all modules and playbooks (one hour)
	SWEEP=whole pytest -n auto tests/functional/test_secrets_of_modules.py tests/functional/test_secrets_of_playbooks.py

.PHONY: mutation
mutation: $(VENV)/.development ## Change shared code and check that a test fails (one hour); PART=requests: one part
	python tools/mutation.py $(PART)

.PHONY: bench
bench: $(VENV)/.development ## Run the benchmarks and write their results to the documentation; BENCH=--quick or --full
	python -m benchmarks $(BENCH)
	python -m benchmarks.inventory $(BENCH)

.PHONY: faults
faults: $(VENV)/.development ## Test every request with every fault, kill bulk runs, and write docs/docsite/rst/faults.rst
	PYTHONPATH=tests:.cache/collections:roles/simulator/files python -m faults
	PYTHONPATH=tests:.cache/collections:roles/simulator/files python -m kills

.PHONY: pictures
pictures: $(VENV)/.development ## Create the pictures in docs/images with generated data in the simulator
	@python tools/chromium.py
	python tools/pictures.py

.PHONY: lint
lint: lint-github lint-changelog ## Run the static checks of code, YAML, documentation, workflows and changelog
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
	@mkdir -p .cache/home # antsibull writes its log to the home directory.
	HOME="$(CACHE)/home" antsibull-changelog lint

.PHONY: docs
docs: $(VENV)/.development ## Build the documentation site in .cache/site/html; warnings and broken links are errors
	python tools/docsite.py

.PHONY: format
format: $(VENV)/.development ## Format the Python code
	ruff format

.PHONY: build
build: $(VENV)/.development ## Build and install the collection, and check the installed documentation
	@rm -rf $(ARCHIVE) $(INSTALLED)
	@python tools/build.py .
	ANSIBLE_COLLECTIONS_PATH="$$PWD/$(INSTALLED)" ansible-galaxy collection install --offline -p $(INSTALLED) $(ARCHIVE)
	python tools/documentation.py $(INSTALLED)

.PHONY: release-check
release-check: lint build ## Build a release and check it as Galaxy does; publishes nothing
	@python tools/debian.py
	python tools/release_check.py
	pytest -n auto tests/release tests/project/test_archive.py

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
audit: $(VENV)/.development ## Check the installed packages for known vulnerabilities in an online database
	@python tools/audit.py

.PHONY: sanity
sanity: build ## Run ansible-test sanity with each available Python
	python tools/sanity.py

.PHONY: units
units: build ## Run the tests in tests/unit with ansible-test
	$(ANSIBLE_TEST) units --python default --color no

.PHONY: integration
integration: build ## Run the targets in tests/integration with ansible-test; TARGET=fleet_info: one target
	$(ANSIBLE_TEST) integration --python default --color no $(TARGET)

.PHONY: generate
generate: $(VENV)/.development ## Write the generated files, for example documentation fragments and action groups
	python tools/generate.py

.PHONY: requirements
requirements: $(VENV)/.development ## Update the pinned versions in requirements/*.txt
	python tools/requirements.py

.PHONY: clean
clean: ## Remove the virtual environment, caches and build results
	rm -rf $(VENV) $(ARCHIVE) .cache .ansible .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.python:
	@for python in $(PYTHON); do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Creating $(VENV) with $$("$$python" --version)"; \
	    "$$python" -m venv --clear $(VENV) && touch $@; exit; \
	  fi; \
	done; \
	echo "Cannot find Python 3.11 or later with the venv module. On Debian and Ubuntu, install the package python3-venv." \
	  "If Python is not in the PATH, specify its path: make PYTHON=/path/to/python3.12" >&2; \
	exit 1

$(VENV)/.demo $(VENV)/.development: $(VENV)/.%: requirements/%.txt $(VENV)/.python
	@echo "Installing $<"
	@python tools/environment.py -r $<
	@$(if $(filter %.development,$@),python tools/awx_collection.py)
	@touch $@

$(VENV)/.development: tools/awx_collection.py
