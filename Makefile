# make serve   the app and the API on one port
# make test    lint, types, and every test, in a real browser too
# make bench   the benchmark tables; BENCH="rest browser" runs these alone
# make lint    the linter and the type checker alone
# make clean   what was installed, away with it
# Each does all its set-up; only Python 3.11+, git and make must be there.

PORT ?= 5006
ADDRESS ?= 127.0.0.1
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3 python; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; \
	done)

.PHONY: help serve test bench lint clean
help:
	@sed -n '/^$$/q; s/^# //p' Makefile

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found on PATH."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is needed (Debian: python3-venv)."; exit 1; }

# One stamp an extra: what was installed with it, at the versions of constraints.txt.
$(VENV)/.installed-%: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV), once ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.$(filter-out .,[$*])'
	@echo "Compiling, once: a minute or so ..."
	@$(BIN)/python -m mall_app.kernels
	@touch $@

serve: $(VENV)/.installed-notebook
	@echo "App      http://$(ADDRESS):$(PORT)/app"
	@echo "API docs http://$(ADDRESS):$(PORT)/docs"
	@echo "Health   http://$(ADDRESS):$(PORT)/health/ready"
	@exec $(BIN)/python -m panel serve mall_app/app.py --plugins api --port $(PORT) --address $(ADDRESS) \
		--allow-websocket-origin $(ADDRESS):$(PORT) --allow-websocket-origin localhost:$(PORT) \
		--warm --reuse-sessions $(SERVE_OPTIONS)

# Bytecode is kept, or each of some hundred processes would compile all of ours anew.
test: $(VENV)/.installed-notebook,test
	@sh tests/get_chromium.sh $(BIN)/python
	@$(MAKE) --no-print-directory lint
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(PYTEST_OPTIONS)

lint: $(VENV)/.installed-notebook,test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

# What benchmarks are held against lives apart, so that it changes no version of what is ours.
$(VENV)-peers/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@test -x $(VENV)-peers/bin/python || $(PYTHON) -m venv $(VENV)-peers
	@echo "Installing the peers of the benchmarks into $(VENV)-peers, once ..."
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["peers"], sep="\n")' > $(VENV)-peers/requirements.txt
	@$(VENV)-peers/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		-r $(VENV)-peers/requirements.txt
	@touch $@

bench: $(VENV)/.installed-notebook,test,bench $(VENV)-peers/.installed
	@sh tests/get_chromium.sh $(BIN)/python
	MALL_BENCH_PEERS=$(abspath $(VENV)-peers) $(BIN)/python -m tests.benchmarks $(BENCH)

clean:
	rm -rf $(VENV) $(VENV)-peers build dist
