# The files in this folder are necessary only because some build machines have no internet, but a mirror of PyPI and of the
# Debian packages. With internet, `ansible-galaxy` would install awx.awx, `playwright` would install Chromium, and
# ansible-test would download pip.

# uv uses the package index of pip, and the CA certificates of the machine.
export UV_SYSTEM_CERTS := true
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

# Static checks and tests need the collection awx.awx. The package `ansible` contains it and is in the package index.
AWX_COLLECTION := .cache/collections/ansible_collections/awx/awx/MANIFEST.json
EXTRACT := import sys, zipfile; package = zipfile.ZipFile(sys.argv[1]); \
  package.extractall(sys.argv[2], [name for name in package.namelist() if name.startswith("ansible_collections/awx/awx/")])

$(AWX_COLLECTION): offline/awx_collection.txt $(VENV)/.python
	@rm -rf .cache/awx_collection $(@D)
	@python -m pip --disable-pip-version-check download --quiet --no-deps --only-binary=:all: --dest .cache/awx_collection -r $<
	@python -c '$(EXTRACT)' .cache/awx_collection/*.whl .cache/collections
	@rm -rf .cache/awx_collection
	@touch $@
