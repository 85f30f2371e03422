# Everything runs in .venv, made from pyproject.toml with the versions of constraints.txt. Needs Python 3.11+, git, make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test lint format types layers bench bench-audit reports docs fuzz clean wheel-test labels mutate bench-drift bench-kubernetes

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("compliance-scan needs Python 3.11 or newer; set PYTHON=python3.11") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -qq --upgrade "pip>=25.1"
	$(BIN)/pip install -qq --constraint constraints.txt --editable . --group dev
	$(BIN)/python -m compileall -q src
	@touch $(STAMP)

demo: $(STAMP)  ## scan, audit, drift and controls on a reference estate, with a stand-in for the account
	@$(BIN)/compliance-scan demo

test: $(STAMP) lint types layers  ## all gates and tests
	$(BIN)/pytest -n 2 -m "not slow"

fuzz: $(STAMP)  ## the slow tests: hundreds of random modules against the real Terraform, all real modules
	$(BIN)/pytest -n 2 -m slow

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP)  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports

wheel-test: $(STAMP)  ## build the wheel, install it elsewhere, scan with it there
	PYTHON=$(BIN)/python bash tools/wheel_test.sh

docs: $(STAMP)  ## the site, with a page for every rule and framework, in build/site
	$(BIN)/python tools/docs.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

mutate: $(STAMP)  ## every condition of every rule negated or left out: an example must notice
	$(BIN)/python tools/mutate.py

reports: $(STAMP)  ## write reports/<estate> and docs/estates.md
	$(BIN)/python -m tools.estates
	$(BIN)/python -m tools.estates --reports

labels: $(STAMP)  ## agreement with a peer's labels, check by check
	$(BIN)/python -m pytest tests/accuracy -q -s

bench-drift: $(STAMP)  ## a state of 20,000 resources against an inventory of as many: time, memory, growth
	$(BIN)/python bench/drift.py

bench-kubernetes: $(STAMP)  ## a dump of 5,000 objects and the YAML of the large tree: time and memory
	$(BIN)/python bench/cluster.py

bench: $(STAMP)  ## ratios against peers, interleaved in one run
	$(BIN)/python bench/peers.py

bench-audit: $(STAMP)  ## ratios against Prowler over one seeded stand-in, with and without latency
	$(BIN)/python bench/audit.py

clean:
	rm -rf $(VENV) .venv-* .compiled build dist
