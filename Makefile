# Everything runs from a virtual environment in .venv, made on first use.
# Needs: make, and Python 3.11 or newer with its venv module (Debian and Ubuntu: python3-venv).

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
SAMPLE := samples/group-cascade/crm_report.tar.bz2
PAGE := group-cascade.logtrace.html
# One worker for each processor; what tests/conftest.py puts together stays together, in its order.
PARALLEL := -n auto --dist loadgroup --no-loadscope-reorder

.PHONY: help demo test test-all thorough fuzz lint samples coverage documents clean

help:
	@echo "make demo     analyse a sample: summary here, page in $(PAGE)"
	@echo "make test     run the tests, in a few minutes"
	@echo "make test-all run these, and what is thorough: browsers, bombs, changed reports, kills; and fuzz"
	@echo "make fuzz     let a fuzzer look for bytes that break something, a minute for each target"
	@echo "make lint     check style and types"
	@echo "make samples  bring what logtrace says in the documents up to date"
	@echo "make coverage bring the table of understood messages in parsers/README.md up to date"
	@echo "make documents bring the tables of causes in ARCHITECTURE.md up to date"
	@echo "make clean    remove everything that was made"

demo: $(INSTALLED)
	@$(BIN)/logtrace analyze $(SAMPLE) --html "$(CURDIR)/$(PAGE)"

test: $(INSTALLED)
	$(BIN)/python -m pytest $(PARALLEL)

test-all: test thorough fuzz

thorough: $(INSTALLED)
	$(BIN)/python -m pytest $(PARALLEL) --all -m thorough

# There are wheels of Atheris for Linux and some releases of Python; elsewhere the minutes skip.
fuzz: $(INSTALLED)
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,fuzz]'
	$(BIN)/python -m pytest $(PARALLEL) --slow tests/fuzz/test_fuzz_minutes.py

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

samples: $(INSTALLED)
	$(BIN)/python tests/quotations.py

coverage: $(INSTALLED)
	$(BIN)/python tests/coverage_table.py

documents: $(INSTALLED)
	$(BIN)/python tests/cause_tables.py

clean:
	rm -rf .venv dist $(PAGE)

# Removed first, so that an installation that was interrupted starts anew.
$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	rm -f $@
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@
