# Two commands are all a newcomer needs: `make up` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRA ?= cpu
SHARED ?= ../shared
LIMIT ?= 300

# faiss-cpu and faiss-gpu share their files: the other one goes before this one comes.
OTHER_FAISS := faiss-$(if $(filter gpu,$(EXTRA)),cpu,gpu)
comma := ,
define install
	@echo 'Installing into $(VENV): some minutes the first time.'
	@rm -f $(VENV)/*.stamp
	@! $(BIN)/pip show -q $(OTHER_FAISS) 2>/dev/null || $(BIN)/pip uninstall -q -y $(OTHER_FAISS)
	@$(BIN)/pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[$(1)]'
endef

.DEFAULT_GOAL := help
.PHONY: help install install-dev up test check lint types unit slow e2e faults bench bench-retrieval bench-answers bench-peers eval robustness gate gate-baseline examples constraints clean

help: ## List the targets.
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# A stamp a set of extras, newer than what it was installed from: a second `make` installs nothing.
$(BIN)/pip:
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Footnote needs Python 3.11 to 3.13; say which with: make PYTHON=python3.12 up")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run-$(EXTRA).stamp: pyproject.toml constraints.txt | $(BIN)/pip
	$(call install,$(EXTRA)$(comma)ocr)
	@touch $@

$(VENV)/dev-$(EXTRA).stamp: pyproject.toml constraints.txt | $(BIN)/pip
	$(call install,$(EXTRA)$(comma)ocr$(comma)llama$(comma)lora$(comma)dev)
	@touch $(VENV)/run-$(EXTRA).stamp $@

install: $(VENV)/run-$(EXTRA).stamp ## Make .venv with what running needs (EXTRA=gpu for faiss on a card).

install-dev: $(VENV)/dev-$(EXTRA).stamp ## Make .venv with what developing needs too.

up: install ## Start API, worker and UI; the first run reads examples/. Ctrl-C stops all three.
	@$(BIN)/footnote up

test: install-dev check ## Install what is missing, then `make check`.

check: lint types unit ## ruff, mypy --strict, the import order, pytest.

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install-dev
	$(BIN)/mypy

unit: install-dev
	$(BIN)/pytest -q

slow: install-dev ## The tests that take minutes.
	$(BIN)/pytest -q -m slow

faults: install-dev ## Kill -9 an ingest again and again, and look at what is left.
	$(BIN)/pytest -q tests/faults -m 'slow or not slow'

e2e: install-dev ## Drive the whole thing in a headless Chromium.
	$(BIN)/pytest -q -m e2e

eval: install ## Measure on every question set in SHARED (../shared) and on examples/, into docs/results.md.
	$(BIN)/python -m eval.results --shared $(SHARED) --runs runs/results --write docs/results.md

gate: install ## Two minutes of measuring: fail where a figure is below eval/gate/baseline.json.
	$(BIN)/footnote eval gate --shared $(SHARED)

gate-baseline: install ## Make that baseline anew, and say what changed.
	$(BIN)/footnote eval gate --shared $(SHARED) --update

robustness: install-dev ## Make XQuAD in SHARED harder in every way (LIMIT=300 questions of each), into docs/robustness.md.
	for set in xquad.en xquad.zh; do $(BIN)/footnote eval robustness --dataset squad:$(SHARED)/data/xquad/$$set.json \
	  --limit $(LIMIT) --out runs/robustness/$$set || exit 1; done
	$(BIN)/python -m eval.robustness.page runs/robustness/xquad.en runs/robustness/xquad.zh

bench: install-dev ## Measure search, ingest beside LlamaIndex's, readers, OCR, duplicates and privacy on what is in SHARED.
	$(BIN)/python -m eval.bench.vectors
	$(BIN)/python -m eval.bench.throughput --shared $(SHARED)
	$(BIN)/python -m eval.bench.folders --files 10000
	$(BIN)/python -m eval.bench.folders --megabytes 1000 --embedder none
	$(BIN)/python -m eval.bench.pdf_text --shared $(SHARED)
	$(BIN)/python -m eval.bench.scans --shared $(SHARED)
	$(BIN)/python -m eval.bench.near_duplicates --shared $(SHARED)
	$(BIN)/python -m eval.bench.repeats --shared $(SHARED)
	$(BIN)/python -m eval.bench.privacy
	$(BIN)/python -m eval.bench.cleaning --seeds $(SHARED)/seeds --truth $(SHARED)/gold/cleaning.jsonl
	$(BIN)/python -m eval.bench.text_recall --folder $(SHARED)/awkward
	$(BIN)/python -m eval.bench.formats --folder $(SHARED)/awkward
	$(BIN)/python -m tests.faults.planted

bench-retrieval: install-dev ## Measure retrieval, to a million chunks (an hour), and put the figures into docs/retrieval.md.
	mkdir -p runs/retrieval
	$(BIN)/python -m eval.bench.legs --shared $(SHARED) > runs/retrieval/legs.json
	$(BIN)/python -m eval.bench.robustness --shared $(SHARED) > runs/retrieval/robustness.json
	$(BIN)/python -m eval.bench.concurrent --shared $(SHARED) > runs/retrieval/concurrent.json
	$(BIN)/python -m eval.bench.filters --shared $(SHARED) > runs/retrieval/filters.json
	$(BIN)/python -m eval.bench.scale --shared $(SHARED) --chunks 100000 --chunks 1000000 --queries 600 > runs/retrieval/scale.json
	$(BIN)/pytest -q tests/contracts --junit-xml runs/retrieval/contracts.xml
	$(BIN)/python -m eval.bench.retrieval --runs runs/retrieval --write docs/retrieval.md

bench-peers: install-dev ## Measure three other systems beside Footnote on the same files, into docs/peers.md (a quarter of an hour).
	mkdir -p runs
	$(BIN)/python -m eval.bench.peers --shared $(SHARED) --write docs/peers.md > runs/peers.json

XQUAD_EN := squad:$(SHARED)/data/xquad/xquad.en.json
XQUAD_ZH := squad:$(SHARED)/data/xquad/xquad.zh.json
QUESTIONS := --dataset $(XQUAD_EN) --dataset $(XQUAD_ZH) --dataset squad:$(SHARED)/data/drcd/DRCD_dev.json \
  --dataset squad:$(SHARED)/data/cmrc2018/cmrc2018_trial.json

bench-answers: install-dev ## Measure sentences, refusal, the sentence check, planted text and a language model's speed.
	$(BIN)/python -m eval.bench.evidence $(QUESTIONS)
	$(BIN)/python -m eval.bench.refusal $(QUESTIONS) --curve docs/refusal.svg
	$(BIN)/python -m eval.bench.support --shared $(SHARED) --write docs/sentence-check.md
	$(BIN)/python -m eval.bench.injection --shared $(SHARED) --rounds 6
	$(BIN)/python -m eval.bench.flags --shared $(SHARED)
	$(BIN)/python -m eval.bench.disagree --shared $(SHARED) --sets xquad/xquad.en.json xquad/xquad.zh.json --limit 200
	$(BIN)/python -m eval.bench.generate

examples: install-dev ## Make examples/citations.pdf anew from docs/citations.md.
	$(BIN)/python docs/make_pdf.py

constraints: install-dev ## Write constraints.txt anew from what is installed.
	{ sed -n '/^#/p' constraints.txt; $(BIN)/pip freeze --exclude-editable --exclude footnote \
	  | sed 's/^\(torch==[^+]*\)+.*/\1/' | LC_ALL=C sort -f; } > constraints.new && mv constraints.new constraints.txt

clean: ## Remove caches. Keeps .venv and data/.
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
