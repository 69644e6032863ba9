# Two commands do all set-up on a fresh machine: `make demo` to look, `make test` to work.
#
#   PYTHON=python3.12    the Python to use (3.11 or newer)
#   VENV=folder          where the environment goes (.venv)
#   TORCH_INDEX=address  a further package index to take torch from, such as PyTorch's own for the CPU build:
#                        on Linux the default one has the CUDA build, 5 GB larger and no faster here

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV ?= .venv
TORCH_INDEX ?=
BIN = $(VENV)/bin
# Any Python at all, so that one which is too old is told so.
FOUND_PYTHON = $(or $(PYTHON),python3)

.PHONY: help demo test install lint types pytest picture pins clean

help:
	@echo 'make demo   set up, make a small synthetic library, index it, open the explorer'
	@echo 'make test   set up, check style, types and layers, run the tests'
	@echo 'make clean  remove the environment and the caches'

demo: install
	@$(BIN)/fairouz-tui demo

test: install lint types pytest

install:
	@command -v $(FOUND_PYTHON) >/dev/null || \
		{ echo '$(FOUND_PYTHON) is not installed: Python 3.11 or newer is needed'; exit 1; }
	@$(FOUND_PYTHON) scripts/set_up.py --venv '$(VENV)' --torch-index '$(TORCH_INDEX)'

lint: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: install
	$(BIN)/mypy

pytest: install lint types
	$(BIN)/pytest -n 2

# Draws the README's picture of the screen.
picture: install
	@$(BIN)/python scripts/make_picture.py

# Writes the versions now installed as the new pins. `+cpu` and the like say which build, and are pip's to settle.
pins: install
	@{ sed -n '/^#/p' constraints.txt; \
		$(BIN)/pip freeze --exclude-editable --all | sed -E '/^(pip|wheel)==/d; s/\+[a-z0-9.]+$$//' | sort -f; \
	} > constraints.new && mv constraints.new constraints.txt

clean:
	rm -rf '$(VENV)' .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
