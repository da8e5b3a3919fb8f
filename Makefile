# The commands for development. Run `make` to list the targets.
# The targets require Python 3.11 or later with its venv module. They change files in this directory and in package caches only.
# If Chromium or GnuPG is missing and you are root, `make test-extended` installs the Debian package for the tests of pages and signatures.

PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
VENV := .venv
CACHE := $(CURDIR)/.cache
BIN := $(CURDIR)/$(VENV)/bin

# pyenv hides all Python versions except the selected one, but the tests use several versions.
PYTHONS := $(addsuffix /bin,$(shell pyenv prefix 2> /dev/null && ls -d "$$(pyenv root)"/versions/3.*))

export PATH := $(subst $() ,:,$(BIN) $(PYTHONS)):$(PATH)
export LC_ALL := $(if $(filter Darwin,$(shell uname)),en_US.UTF-8,C.UTF-8)
export ANSIBLE_HOME := $(CACHE)/ansible
export ANSIBLE_COLLECTIONS_PATH := $(CACHE)/collections
export RUFF_CACHE_DIR := $(CACHE)/ruff
# Python writes compiled files to one folder in the cache, and not next to the sources. Images of containers often set
# PYTHONDONTWRITEBYTECODE, with which each program would compile its modules again.
export PYTHONPYCACHEPREFIX := $(CACHE)/pycache
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME ANSIBLE_CONFIG

ARCHIVE := hybrid-connectors-*.tar.gz
INSTALLED := .cache/installed

LINK := .cache/collections/ansible_collections/hybrid/connectors

# The oldest installed Python that the modules support. `make test-all` tests the modules with all installed versions.
OLDEST = $(firstword $(foreach minor,9 10 11 12 13 14,$(if $(shell command -v python3.$(minor)),3.$(minor))))

VERSION = $(shell $(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# Some tools have dependencies that conflict with those of the development environment.
ENVIRONMENTS := .cache/environments
PRODUCTION := $(ENVIRONMENTS)/production
SBOM := .cache/sbom.cdx.json

export UV_PYTHON_DOWNLOADS := never

include offline/offline.mk

.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.demo ## Run typical tasks against the simulator, without an account for any service
	@python tools/demo.py

.PHONY: test
test: $(VENV)/.development ## Run the checks and tests that a change requires (ten minutes)
	@printf '%s\n' 'lint docs collect' 'sanity SANITY=--python=$(VERSION)' | xargs -L 1 -P 2 $(MAKE) --no-print-directory
	@$(MAKE) --no-print-directory test-fast

# The workers of pytest compile all test files at the same time, unless another process compiled the files before.
.PHONY: collect
collect: $(VENV)/.development
	pytest --collect-only --quiet --quiet > .cache/collected || { cat .cache/collected; exit 1; }

.PHONY: test-fast
test-fast: $(VENV)/.development ## Run the tests of `make test` without static checks and ansible-test sanity
	pytest -n auto --dist worksteal -m "not extended"

.PHONY: test-extended
test-extended: $(VENV)/.development ## Run further tests, for example of pages, roles and releases
	@sh offline/debian.sh
	@$(MAKE) --no-print-directory sanity SANITY='--test compile --test import --python $(OLDEST)'
	pytest -n auto --dist worksteal -m "extended and not long"

.PHONY: coverage
coverage: $(VENV)/.development ## Measure how much of the collection the unit tests run; lists the rest in .cache/coverage_html
	pytest -n auto tests/unit --cov --cov-report=html --cov-report=term

.PHONY: molecule
molecule: $(VENV)/.development ## Run the Molecule scenarios of the roles; SCENARIO=fleet_report: one scenario
	molecule test $(if $(SCENARIO),--scenario-name $(SCENARIO),--all)

.PHONY: test-all
test-all: build ## Run everything with all supported releases of ansible-core; SERIES=2.16: one release series
	nox $(if $(SERIES),--tags $(SERIES))

.PHONY: secrets
secrets: $(VENV)/.development ## Search for secrets in the output of all modules and playbooks (one hour)
	SWEEP=whole pytest -n auto tests/functional/test_secrets_of_modules.py tests/functional/test_secrets_of_playbooks.py

.PHONY: mutation
mutation: $(VENV)/.development ## Change shared code and check that a test fails (one hour); PART=requests: one part
	PYTHONPATH=tests python -m mutation.runner $(PART)

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
	@sh offline/debian.sh
	python docs/images/pictures.py

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

SITE := .cache/site
ANTSIBULL := antsibull-docs collection --use-current --squash-hierarchy --fail-on-error --no-add-antsibull-docs-version
SPHINX := sphinx-build --quiet --jobs auto --fail-on-warning --keep-going --conf-dir docs/site --doctree-dir $(SITE)/doctrees

.PHONY: docs
docs: export PATH := $(CURDIR)/$(ENVIRONMENTS)/docs/bin:$(PATH)
docs: $(VENV)/.development $(ENVIRONMENTS)/docs/.installed ## Build the documentation site in .cache/site/html; warnings and broken links are errors
	@rm -rf $(SITE)
	@mkdir -p .cache/home $(SITE)/source && cp docs/site/index.rst $(SITE)/source
	@mkdir $(SITE)/source/images && cp docs/images/*.png $(SITE)/source/images
	@mkdir -m 700 $(SITE)/source/collection # antsibull-docs requires this mode.
	HOME="$(CACHE)/home" $(ANTSIBULL) --dest-dir $(SITE)/source/collection hybrid.connectors
	@rm $(SITE)/source/collection/index.rst # docs/site/index.rst replaces this page.
	$(SPHINX) --builder html $(SITE)/source $(SITE)/html
	$(SPHINX) --builder linkcheck $(SITE)/source $(SITE)/links
	@echo "The site is in $(SITE)/html/index.html"

.PHONY: format
format: $(VENV)/.development ## Format the Python code
	ruff format

.PHONY: build
build: $(VENV)/.development ## Build the archive of the collection, and install it in .cache/installed
	@rm -rf $(ARCHIVE) $(INSTALLED)
	@python tools/build.py .
	ANSIBLE_COLLECTIONS_PATH="$$PWD/$(INSTALLED)" ansible-galaxy collection install --offline -p $(INSTALLED) $(ARCHIVE)

.PHONY: release-check
release-check: lint build ## Build a release and check it as Galaxy does; publishes nothing
	@sh offline/debian.sh
	RELEASE_CHECK=true pytest -n auto tests/release tests/project/test_archive.py
	@sha256sum $(ARCHIVE)

# The token is in a file, because every user of the machine can read the arguments of a command.
.PHONY: publish
publish: build ## Upload the archive to Galaxy: TAG=<tag of the release>, with a token in the variable GALAXY_TOKEN
	@version=$$(sed -n 's/^version: //p' galaxy.yml); \
	[ "$(TAG)" = "$$version" ] || { echo "The tag '$(TAG)' is not the version '$$version' in galaxy.yml." >&2; exit 1; }; \
	grep -q "^v$$version$$" CHANGELOG.rst || { echo "CHANGELOG.rst does not contain version $$version." >&2; exit 1; }
	@umask 077; file=$$(mktemp); trap 'rm -f "$$file"' EXIT; printf 'token: %s\n' "$${GALAXY_TOKEN:?is not set}" > "$$file"; \
	ANSIBLE_GALAXY_TOKEN_PATH="$$file" ansible-galaxy collection publish $(ARCHIVE)

# The newest versions of the packages in an execution environment, and its Python version if this machine has it.
.PHONY: production
production: $(VENV)/.python $(ENVIRONMENTS)/supply_chain/.installed
	@version=$$(sed -n 's/.*package_system: python//p' execution-environment.yml); \
	uv venv --quiet --clear --python "$$version" $(PRODUCTION) 2> /dev/null || { \
	  echo "Python $$version is not installed. Using $$(python --version)." >&2; \
	  uv venv --quiet --clear --python $(BIN)/python $(PRODUCTION); }
	@uv pip install --quiet --upgrade --python $(PRODUCTION) -r pyproject.toml

.PHONY: sbom
sbom: production ## Write a bill of materials of the execution environment to .cache/sbom.cdx.json
	@$(ENVIRONMENTS)/supply_chain/bin/cyclonedx-py environment --output-reproducible --spec-version 1.6 --mc-type library \
	  --pyproject pyproject.toml --output-file $(SBOM) $(PRODUCTION)/bin/python
	@echo "Wrote $(SBOM)"

# pip-audit writes its result in the last line of stderr. If the database is not available, a stack trace precedes it.
AUDIT = $(ENVIRONMENTS)/supply_chain/bin/pip-audit --strict --vulnerability-service osv $(if $(OSV_URL),--osv-url $(OSV_URL)) \
  --progress-spinner off --cache-dir .cache/audit

.PHONY: audit
audit: production ## Check the installed packages for known vulnerabilities in an online database
	@check() { echo "$$1:"; shift; $(AUDIT) "$$@" 2> $(PRODUCTION)/audit.log; s=$$?; tail -n 1 $(PRODUCTION)/audit.log; return $$s; }; \
	check "execution environment" --path $(PRODUCTION)/lib/python*/site-packages; status=$$?; \
	for list in requirements/*.txt; do check "$$list" --no-deps --disable-pip -r "$$list" || status=1; done; exit $$status

.PHONY: sanity
sanity: build ## Run ansible-test sanity with each available Python; SANITY=--python=3.12: one Python version
	sh tools/ansible_test.sh sanity $(SANITY)

.PHONY: units
units: build ## Run the tests in tests/unit with ansible-test
	sh tools/ansible_test.sh units --python $(VERSION)

.PHONY: integration
integration: build ## Run the targets in tests/integration with ansible-test; TARGET=fleet_info: one target
	sh tools/ansible_test.sh integration --python $(VERSION) $(TARGET)

.PHONY: generate
generate: $(VENV)/.development ## Write the generated files, for example documentation fragments and action groups
	PYTHONPATH=.cache/collections python tools/generate.py

# The order matters, because each file uses the pinned versions of the previous files. The numbers are the oldest Python
# versions. The files are for all later versions and for all platforms.
LISTS := test-3.10 rulebook-3.10 navigator-3.10 development-3.11 demo-3.11 importer-3.11 docs-3.11 mutation-3.11 supply_chain-3.10
COMPILE := uv pip compile --quiet --universal --upgrade --no-annotate --no-emit-index-url --no-emit-find-links \
  --custom-compile-command "make requirements"

.PHONY: requirements
requirements: $(VENV)/.development ## Update the pinned versions in requirements/*.txt
	cd requirements && for list in $(LISTS); do \
	  $(COMPILE) --python-version "$${list#*-}" "$${list%-*}.in" --output-file "$${list%-*}.txt" || exit; \
	done

.PHONY: clean
clean: ## Remove the virtual environment, caches and build results
	rm -rf $(VENV) $(ARCHIVE) .cache .ansible .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.python:
	@for python in $(PYTHON); do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Creating $(VENV) with $$("$$python" --version)"; \
	    "$$python" -m venv --clear $(VENV) && \
	    $(BIN)/python -m pip --disable-pip-version-check install --quiet -c requirements/test.txt uv && touch $@; exit; \
	  fi; \
	done; \
	echo "Cannot find Python 3.11 or later with the venv module. On Debian and Ubuntu, install the package python3-venv." \
	  "If Python is not in the PATH, specify its path: make PYTHON=/path/to/python3.12" >&2; \
	exit 1

$(VENV)/.demo $(VENV)/.development: $(VENV)/.%: requirements/%.txt $(VENV)/.python $(LINK)
	@echo "Installing $<"
	@uv pip install --quiet --python $(BIN)/python -r $<
	@touch $@

$(VENV)/.development: $(AWX_COLLECTION)

$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../../.. $@

$(ENVIRONMENTS)/%/.installed: requirements/%.txt $(VENV)/.python
	@uv venv --quiet --clear --python $(or $(INTERPRETER),$(BIN)/python) $(@D)
	@uv pip install --quiet --python $(@D) $(PACKAGES) -r $<
	@touch $@
