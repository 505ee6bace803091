# `make demo` and `make test` set up everything they need: a virtual environment in .venv and, for the tests, one
# in .judges for players of WARC files; ReplayWeb.page and a Chromium too, where these can be had. Nothing else.
ARCHIVES ?= archives
ARTICLES ?= 40
BIN := .venv/bin

.PHONY: demo test readers players player browser promtool check drill format bench schema lexicon clean

demo: .venv/run
	$(BIN)/python -m scripts.demo --archives "$(ARCHIVES)" --articles "$(ARTICLES)"

test: .venv/dev .venv/lexicon .judges/run player browser promtool
	$(BIN)/python -m pytest

check: .venv/dev .venv/lexicon .judges/run player browser promtool
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# The README's examples for data teams, run with pandas, polars, datasets and the like (870 MB of packages).
readers: .venv/dev .readers/run
	$(BIN)/python -m pytest -n 0 tests/readers

# Two hundred captures as pywb, ReplayWeb.page and our own replay show them, compared.
players: .venv/dev .judges/run player browser
	OSTAN_PLAYERS=1 $(BIN)/python -m pytest -n 0 tests/players

# What tests look at replays with. Without them those tests are skipped, and it is said.
player: .judges/run
	scripts/player

browser:
	scripts/browser

promtool: .judges/run
	scripts/promtool

# Thirty kills over 1,240 articles, and five minutes of a schedule with kills; the tests have smaller ones.
drill: .venv/dev
	OSTAN_DRILL=1 $(BIN)/python -m pytest -n 0 tests/test_resume.py tests/service/test_run.py

format: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev .venv/lexicon
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.ledger
	for peer in hazm shekar dateparser trafilatura; do scripts/setup tests/bench/peers/$$peer.txt .peers/$$peer || true; done
	$(BIN)/python -m tests.bench.text
	$(BIN)/python -m tests.bench.reextract
	$(BIN)/python -m tests.bench.dump
	$(BIN)/python -m tests.bench.search

# Words for restoring lost half-spaces, out of two packages: see requirements-lexicon.txt.
lexicon: .venv/lexicon

.venv/lexicon: requirements-lexicon.txt scripts/lexicon.py .venv/run
	$(BIN)/python -m scripts.lexicon
	touch $@

schema: .venv/run
	$(BIN)/python -m crawler.schema > archives/schema.json.new
	mv archives/schema.json.new archives/schema.json

clean:
	rm -rf .venv .judges .peers .readers .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/run: requirements.txt scripts/setup
	scripts/setup requirements.txt
	touch $@

.judges/run: requirements-judges.txt scripts/setup
	scripts/setup requirements-judges.txt .judges
	touch $@

.readers/run: requirements-readers.txt scripts/setup
	scripts/setup requirements-readers.txt .readers
	touch $@

.venv/dev: requirements-dev.txt requirements-dump.txt requirements-s3.txt requirements-cluster.txt requirements.txt scripts/setup
	scripts/setup requirements-dev.txt
	touch .venv/run $@
