#!/usr/bin/env bash
# Writes THIRD_PARTY.md: the licence of every package that `pip install fimble` brings along.
# `--check` compares instead, and fails when a dependency came, went or changed its licence.
set -euo pipefail
cd "$(dirname "$0")/.."

list() {
  cat <<'HEAD'
# What Fimble needs, and under which licences

Fimble itself is under Apache-2.0. It brings nothing of the packages below with it: they are installed beside it.
What is bundled into the VS Code extension is listed in the extension (`out/third-party-notices.txt`).
`release/licences.sh` makes this page out of the locked environment, and CI compares.

HEAD
  # What the tool itself brings is none of ours.
  uv run --quiet --isolated --locked --no-default-groups --with 'pip-licenses>=5,<6' \
    pip-licenses --from=mixed --format=markdown --order=name --with-urls \
    --ignore-packages fimble pip-licenses prettytable tomli wcwidth
}

if [ "${1:-}" = --check ]; then
  diff -u THIRD_PARTY.md <(list) || { echo "THIRD_PARTY.md: run release/licences.sh" >&2; exit 1; }
else
  list >THIRD_PARTY.md.new
  mv THIRD_PARTY.md.new THIRD_PARTY.md
fi
