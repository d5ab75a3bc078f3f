# Everything a visitor needs: `make demo` runs the main job, `make test` runs every check.
# Another interpreter: make test PYTHON=python3.13 (each interpreter keeps its own environment).
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DEMO   ?= demo-output
# Without the linters, for the tests of another Python: EXTRAS=test
EXTRAS ?= dev

.PHONY: install demo test lint unit integration sanity slices proof servers matrix breadth answers kills ssh browser picture chromium schedule promtool docs docs-site bench bench-parse changelog release clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"fortiops.mail needs Python 3.11 or newer; $(PYTHON) is {sys.version.split()[0]}. Name another one: make install PYTHON=python3.12")'
	@mkdir -p dev/ansible_collections/fortiops && { [ -e dev/ansible_collections/fortiops/mail ] || ln -s ../../.. dev/ansible_collections/fortiops/mail; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $@

# The main job against simulated devices and a real SMTP server: configure, test, debug, parse, assert, and again offline.
demo: install
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@ANSIBLE_CONFIG=playbooks/demo.cfg $(BIN)/fazmail simulate simulator/fleets/demo.yml \
	  --keys $(DEMO)/keys --inventory $(DEMO)/inventory.yml \
	  --exec $(BIN)/ansible-playbook -i $(DEMO)/inventory.yml fortiops.mail.demo \
	    -e output_dir=$(abspath $(DEMO)) > $(DEMO)/run.log 2>&1 \
	  || { status=$$?; tail -n 60 $(DEMO)/run.log; exit $$status; }
	@cat $(DEMO)/report.txt

# In this order two at a time (make -j2) leave no processor idle: the integration tests wait more than they work, the proofs and
# what follows them run in one process each, and the unit tests, which only compute, have both processors at the end.
test: lint integration proof docs-site sanity browser schedule unit

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/yamllint --strict .
	$(BIN)/reuse lint --quiet
	$(BIN)/antsibull-changelog lint
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/antsibull-docs lint-collection-docs --plugin-docs .
	# The playbooks refuse an inventory without devices.
	ANSIBLE_INVENTORY=examples/inventory $(BIN)/ansible-lint --offline -q --profile production playbooks roles examples meta changelogs galaxy.yml

# One process for each processor. A process keeps a row of tests, which find again what the one before has loaded.
# Without those that the gate runs with one Python only: make unit MARKED='-m "not once"'
MARKED ?=
# Some rooms only: make unit UNIT=tests/unit/regex
UNIT ?= tests/unit tests/project
unit: install
	$(BIN)/python -m pytest -n auto --dist worksteal $(MARKED) $(UNIT)

# What Galaxy, Automation Hub and PyPI ask of a release, with the tests of ansible-test. One of them: make sanity CHECK=bandit
CHECK ?=
sanity: install
	$(BIN)/python -m ansible_collections.fortiops.mail.tests.sanity.run $(CHECK)

# The tests log in to the simulator with OpenSSH, too.
ssh:
	@command -v ssh >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openssh-client; } \
	  || { echo "make test needs the OpenSSH client, the command ssh; install it and try again" >&2; exit 1; }

# One process for each processor: most of these tests wait for devices.
# The page of the compliance report is tested in Debian's Chromium, and printed. After ssh: apt-get runs once at a time.
chromium: ssh
	@{ command -v chromium && command -v chromedriver && command -v pdftotext; } >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium chromium-driver fonts-dejavu-core poppler-utils; } \
	  || { echo "make test needs chromium, chromedriver and pdftotext; install them and try again" >&2; exit 1; }

browser: install chromium
	$(BIN)/python -m pytest tests/browser

# The files of extensions/schedule are held to their own linters; promtool is in Debian's package prometheus.
promtool: chromium
	@command -v promtool >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus; } \
	  || { echo "make test needs promtool; install it and try again" >&2; exit 1; }

schedule: install promtool
	$(BIN)/python -m pytest tests/schedule

# The pictures of the README: of pages, and of what a terminal shows.
picture: install chromium
	$(BIN)/python -m ansible_collections.fortiops.mail.tests.browser.picture

integration: install ssh
	$(BIN)/python -m pytest -n auto --dist worksteal $(MARKED) tests/integration

# Whether slices of a big inventory give the compliance document of the single run; about two minutes.
slices: install
	DEVICES=$(or $(DEVICES),200) $(BIN)/python -m pytest tests/integration/test_slices.py

# What is proven against real mail servers, real networks and random input; it does not depend on the Python that runs it.
proof: install
	$(BIN)/python -m pytest tests/proof

# Whether the mail servers of the proofs start here. Their Debian packages are unpacked into .cache, nothing is installed.
servers: install
	@$(BIN)/python -m ansible_collections.fortiops.mail.tests.proof.everything

# Injected causes against found ones, about a minute. Into docs/matrix.md, too: make matrix WRITE=1
matrix: install
	@$(BIN)/python -m ansible_collections.fortiops.mail.tests.proof.matrix $(if $(WRITE),--write)

# How often the cause of a sentence that nobody listed is found. Wrong answers of the open half: make breadth MISSES=1
breadth: install
	@$(BIN)/python -m ansible_collections.fortiops.mail.tests.breadth.measure $(if $(MISSES),--misses)

# What becomes of each task when a device answers otherwise: denied, silent, in other words, or with a return code.
answers: install
	@$(BIN)/python -m ansible_collections.fortiops.mail.tests.unit.jobs.answers

# What becomes of a rollout that is killed at a random moment, and run once more. The same moments again: make kills KILLS='--seed 7'
KILLS ?=
kills: install
	@nice $(BIN)/python -m ansible_collections.fortiops.mail.tests.proof.kills $(KILLS)

# The pages of docs/ that are made from data; a test fails when one is stale.
docs: install
	$(BIN)/python docs/generate.py

# The documentation as a site, in build/site.
docs-site: install
	$(BIN)/python docs/site.py

# Speed against other ways to do the same, on this machine; about 20 minutes. A look only: make bench BENCH=--quick
BENCH ?= --broken --single
bench: install
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@$(BIN)/python bench/fleet.py $(BENCH)

# Speed of `fazmail parse` against TextFSM on the same logs, some minutes. A look only: make bench-parse BENCH_PARSE='--megabytes 20 --runs 1'
BENCH_PARSE ?=
bench-parse: install
	@nice $(BIN)/python bench/parse.py $(BENCH_PARSE)

# Fold the fragments of changelogs/fragments into CHANGELOG.rst, for the version in galaxy.yml.
changelog: install
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/antsibull-changelog release

# Build what is published, in dist/, check it, and print how to publish it. In the workflow of a tag: make release TAG=v1.0.0
VERSION = $(shell sed -n 's/^version: //p' galaxy.yml)
release: install
	@[ -z "$(TAG)" ] || [ "$(TAG)" = "v$(VERSION)" ] || { echo "the tag is $(TAG), but the version in galaxy.yml is $(VERSION)" >&2; exit 1; }
	@grep -q '^  $(VERSION):$$' changelogs/changelog.yaml || { echo "changelogs/changelog.yaml does not have $(VERSION); run: make changelog" >&2; exit 1; }
	@[ -z "$$(git status --porcelain)" ] || { echo "git status shows files that are not committed; commit or remove them first" >&2; exit 1; }
	@rm -rf dist build/release
	$(MAKE) --no-print-directory lint sanity CHECK="bandit execution_environment galaxy_importer pip_audit"
	$(BIN)/python docs/published.py build/release
	$(BIN)/python -m build --no-isolation --outdir dist/pypi build/release
	$(BIN)/ansible-galaxy collection build --output-path dist/galaxy build/release
	$(BIN)/twine check --strict dist/pypi/*
	@cd dist && sha256sum */*
	@printf '%s\n' "Publish $(VERSION):" "  git tag v$(VERSION) && git push origin v$(VERSION)    # .github/workflows/release.yml does the rest, or by hand:" \
	  "  $(BIN)/twine upload dist/pypi/*" "  $(BIN)/ansible-galaxy collection publish dist/galaxy/*"

clean:
	rm -rf $(VENV) $(DEMO) .cache/proof build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
