# One command for everything: `make check`. CI runs this same file.
# RUN is what puts a tool of the locked environment in front; set it empty inside a virtualenv.
RUN ?= uv run --locked

.PHONY: check format lint types contracts test wheel

check: lint types contracts test wheel

# Rewrites files; everything else only looks.
format:
	$(RUN) ruff check --fix-only --exit-zero
	$(RUN) ruff format

lint:
	$(RUN) ruff format --check
	$(RUN) ruff check

types:
	$(RUN) pyright

contracts:
	$(RUN) lint-imports

test:
	$(RUN) pytest

# tests/packaging looks into a wheel of its own; this one is for you.
wheel:
	$(RUN) python -m hatchling build -t wheel -d dist
