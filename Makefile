# `make demo` and `make test` set up everything they need: a virtual environment in .venv and, for the tests, one
# in .judges for players of WARC files. Nothing else.
ARCHIVES ?= archives
BIN := .venv/bin

.PHONY: demo test check drill format bench schema clean

demo: .venv/run
	$(BIN)/python -m scripts.demo --archives "$(ARCHIVES)"

test: .venv/dev .judges/run
	$(BIN)/python -m pytest

check: .venv/dev .judges/run
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# Thirty kills over 1,240 articles; the tests have a smaller one.
drill: .venv/dev
	OSTAN_DRILL=1 $(BIN)/python -m pytest -n 0 tests/test_resume.py

format: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.ledger

schema: .venv/run
	$(BIN)/python -m crawler.schema > archives/schema.json.new
	mv archives/schema.json.new archives/schema.json

clean:
	rm -rf .venv .judges .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/run: requirements.txt scripts/setup
	scripts/setup requirements.txt
	touch $@

.judges/run: requirements-judges.txt scripts/setup
	scripts/setup requirements-judges.txt .judges
	touch $@

.venv/dev: requirements-dev.txt requirements.txt scripts/setup
	scripts/setup requirements-dev.txt
	touch .venv/run $@
