# The menu. `make demo` and `make test` set up by themselves all that they need, in .venv;
# a second run sets up only what has changed since.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
NATIVE := $(shell find native -type f) CMakeLists.txt pyproject.toml
PAGE := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*')

# Prints what the named extras of pyproject.toml ask for, one a line.
EXTRAS = $(VENV)/bin/python -c 'import sys, tomllib; \
  extras = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]; \
  print(*(need for extra in sys.argv[1:] for need in extras[extra]), sep="\n")' $(1)

.PHONY: help demo test lint native-test page-test thread-test kill-test fix docs messages bench clean

help:
	@echo "make demo    train on the students table, predict, and look inside"
	@echo "make test    all checks and all tests"
	@echo "make lint    style, types and import rules only"
	@echo "make kill-test  kill a training a thousand times and resume it (ten minutes)"
	@echo "make thread-test  the native tests under ThreadSanitizer"
	@echo "make page-test  types and tests of the studio's page"
	@echo "make fix     mend what a formatter can mend"
	@echo "make docs    write docs/supported.md from the code"
	@echo "make messages  write web/src/messages.ts, what the studio and its page say, from the code"
	@echo "make bench   measure against PyTorch, JAX and scikit-learn; writes benchmarks/RESULTS.md"
	@echo "             (about 15 minutes; make bench ONLY=steps,growth measures these parts)"
	@echo "make clean   remove what make has made"

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "pellucid needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up: a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made $(NATIVE) $(PAGE)
	@echo "Setting up: installing pellucid, compiling its engine and the studio's page (about a minute)"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	@echo "Setting up: what the tests need (PyTorch, scikit-learn and the linters; a few minutes)"
	@$(call EXTRAS,test lint build) > $(VENV)/test-requirements.txt
	@$(PIP) install --requirement $(VENV)/test-requirements.txt
	@touch $@

$(VENV)/installed-bench: $(VENV)/installed
	@echo "Setting up: what the benchmarks need (PyTorch, JAX, scikit-learn, matplotlib)"
	@$(call EXTRAS,bench) > $(VENV)/bench-requirements.txt
	@$(PIP) install --requirement $(VENV)/bench-requirements.txt
	@touch $@

demo: $(VENV)/installed
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" sh examples/demo.sh

test: lint native-test page-test
	@$(RUN) pytest

lint: $(VENV)/installed-test
	@$(RUN) ruff check
	@$(RUN) ruff format --check
	@$(RUN) mypy
	@$(VENV)/bin/lint-imports
	@find native benchmarks/native -name '*.h' -o -name '*.cpp' | xargs $(VENV)/bin/clang-format --dry-run -Werror

native-test: $(VENV)/installed-test
	@echo "Native tests, under AddressSanitizer and UndefinedBehaviourSanitizer"
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" && \
	  cmake -S . -B build/native-test -G Ninja -DPELLUCID_NATIVE_TESTS=ON --log-level=ERROR >build/native-test.log && \
	  cmake --build build/native-test >>build/native-test.log || { cat build/native-test.log; exit 1; }
	@ctest --test-dir build/native-test --output-on-failure

page-test: $(VENV)/made
	@$(VENV)/bin/python web/build_page.py --check build/page

kill-test: $(VENV)/installed-test
	@PELLUCID_KILLS=1000 $(RUN) pytest tests/runs/test_kill.py

thread-test: $(VENV)/installed-test
	@echo "Native tests, under ThreadSanitizer (about two minutes)"
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" && \
	  cmake -S . -B build/thread-test -G Ninja -DPELLUCID_NATIVE_TESTS=ON -DPELLUCID_SANITIZE=thread --log-level=ERROR >build/thread-test.log && \
	  cmake --build build/thread-test >>build/thread-test.log || { cat build/thread-test.log; exit 1; }
	@ctest --test-dir build/thread-test --output-on-failure

fix: $(VENV)/installed-test
	@$(RUN) ruff check --fix
	@$(RUN) ruff format
	@find native benchmarks/native -name '*.h' -o -name '*.cpp' | xargs $(VENV)/bin/clang-format -i

docs: $(VENV)/installed
	@$(VENV)/bin/python docs/supported.py

messages: $(VENV)/installed
	@$(VENV)/bin/python web/messages.py

bench: $(VENV)/installed-bench
	@$(RUN) benchmarks.run $(if $(ONLY),--only $(ONLY))

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -f src/pellucid/*.so
