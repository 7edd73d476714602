# Each target does all of its own set-up; a fresh machine needs Python >= 3.11 and make.
#   make run [PORT=8501] [DEMO=no]   the dashboard and the HTTP API, with an embedded database
#   make test              every test; with FAST=1 those that an edit needs, in two minutes; with DEEP=1 more rounds of chance
#   make check             formatter, linter, type checker
#   make fire              200 rounds of faults: kills, cuts, delays, wrong clocks, failing payments
#   make mutants           changes the meaning of what differs from main, one place at a time, and sees whether a test fails
#   make bench             the benchmarks: lines of `name ratio value unit`
#   make sbom [FILE=sbom.json]  a CycloneDX list of the pinned packages
#   make audit             the pinned packages looked up among known vulnerabilities
#   make pictures          the pictures of the documentation, from a demo company

PYTHON := .venv/bin/python
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help run test check fire mutants bench sbom audit pictures chromium

help:
	@grep '^#  ' Makefile

run: $(READY)
	@exec $(PYTHON) -m dashboard $(if $(PORT),--port $(PORT)) $(if $(filter no,$(DEMO)),--no-demo)

test: $(READY) $(if $(FAST),,chromium)
	$(PYTHON) -m tests.suite $(if $(FAST),--fast) $(ARGS)

check: $(READY)
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy --num-workers 2

fire: $(READY)
	@$(PYTHON) -m tests.fire $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED))

mutants: $(READY)
	@nice -n 15 $(PYTHON) -m tests.mutants $(ARGS)

bench: $(READY)
	@$(PYTHON) -m tests.bench

sbom: $(READY)
	@.ci/security sbom $(if $(FILE),$(FILE),sbom.json)

audit: $(READY)
	@.ci/security audit

pictures: $(READY) chromium
	@$(PYTHON) -m tests.pictures

chromium: $(READY)
	@$(PYTHON) -m tests.chromium

# Packages are installed again only when their list has changed.
$(READY): requirements.txt
	@.ci/environment
	@touch $@
