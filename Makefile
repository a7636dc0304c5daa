# `make demo` and `make test` need python3 (3.11 or later) and make, nothing else: what is missing goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
BASE := .venv/.installed-base
DEV := .venv/.installed-dev
CHICAGO := .demo/chicago

export PYTHON
unexport PYTHONDONTWRITEBYTECODE  # The tests start the program some thousand times: byte code is kept, once.

.PHONY: help install demo test lint bench fuzz soak docs dist sbom
.DEFAULT_GOAL := help
.NOTPARALLEL:

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

install: $(DEV) ## Install the tracer, the lab and the checkers into .venv

demo: $(BASE) $(CHICAGO).made ## Trace the Chicago rollout: 12,400 iPads, 3,182 of them vanish
	@echo "demo: abm-trace triage $(CHICAGO)/case"
	@$(BIN)/abm-trace triage $(CHICAGO)/case --format ndjson --out .demo/verdicts.ndjson; code=$$?; \
	  if [ $$code -gt 1 ]; then echo "demo: abm-trace failed with exit code $$code" >&2; exit $$code; fi
	@echo "demo: abm-lab grade, against what the lab knows to be true"
	@$(BIN)/abm-lab grade $(CHICAGO)/truth.json .demo/verdicts.ndjson

test: lint ## Lint, then every test, in random order
	@$(BIN)/python -m pytest -n $$(($$(nproc) < 4 ? $$(nproc) + 1 : 4)) $(ARGS)  # One more than cores: some tests wait.

lint: $(DEV) ## ruff, mypy, the direction of imports, tests that mirror src, links
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=src $(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/python scripts/check_mirror.py
	@$(BIN)/python scripts/check_docs.py

bench: $(DEV) ## Ratios against ripgrep and others in one run
	@$(BIN)/python scripts/bench.py $(ARGS)

fuzz: $(DEV) ## Every reader on damaged bytes, some minutes
	@$(BIN)/python scripts/fuzz.py $(ARGS)

soak: $(DEV) ## The same for hours; each byte of a log of 2,000 records changed, 1,000 of its writers killed
	@rm -rf .soak && mkdir .soak
	@$(BIN)/python -m tests.evidence.flips .soak/flips
	@$(BIN)/python -m tests.evidence.crash random .soak/evidence 1000
	@$(BIN)/python scripts/fuzz.py --hours 4 $(ARGS)

docs: $(DEV) ## The manual pages, and the site of the documents in .site, its links checked
	@$(BIN)/python scripts/make_man.py
	@$(BIN)/python scripts/make_reference.py
	@$(BIN)/zensical build --clean --strict

dist: $(DEV) ## Wheel and source archive, built twice and compared, and the SBOM, in dist/
	@$(BIN)/python scripts/dist.py

sbom: $(DEV) ## The SBOM alone: dist/abm-trace.cdx.json (CycloneDX, out of uv.lock)
	@$(BIN)/python scripts/dist.py --sbom-only

$(BASE): pyproject.toml uv.lock scripts/install.sh scripts/uv.txt
	@[ -e $(DEV) ] && [ -z "$$(find $? -newer $(DEV))" ] || scripts/install.sh base
	@touch $@

$(DEV): pyproject.toml uv.lock scripts/install.sh scripts/uv.txt
	@scripts/install.sh dev
	@touch $@ $(BASE)

# Same seed, same bytes: it is made again only when the lab has changed.
$(CHICAGO).made: $(shell find src/abm_lab -type f ! -name '*.pyc' 2>/dev/null) | $(BASE)
	@echo "demo: abm-lab case $(CHICAGO) (kept for the next run)"
	@rm -rf $(CHICAGO)
	@mkdir -p .demo
	@$(BIN)/abm-lab case $(CHICAGO) --scenario chicago --devices 12400 --sites 47 --seed 1 --log-kb 20
	@touch $@
