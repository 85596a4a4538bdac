#!/usr/bin/env bash
# Installs the built wheel as people do (pip, pipx, uv tool), each into an empty environment and a
# home of its own, and has every installation complete a line. Called with the wheel.
set -euo pipefail
wheel=$(realpath "$1")
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cd "$folder"
mkdir home work
printf 'first_value = 1\nsecond_value = first_value\nthird_value = first_v\n' >work/example.py

# No variable of whoever calls: a Python that is on, a cache that knows the wheel's name.
clean() {
  env -i HOME="$folder/home" PATH="/usr/local/bin:/usr/bin:/bin" LANG=C.UTF-8 \
    UV_NO_CONFIG=1 UV_SYSTEM_CERTS=true UV_CACHE_DIR="${UV_CACHE_DIR:-$HOME/.cache/uv}" "$@"
}

completes() { # completes NAME COMMAND
  local said
  clean "$2" --version | grep -q '^fimble [0-9]'
  said=$(clean "$2" complete "$folder/work/example.py:3:22" --engine embedded)
  [ "$said" = alue ] || { echo "$1: completed \"$said\" instead of \"alue\"" >&2; exit 1; }
  echo "  ok    $1"
}

uv=$(command -v uv)
"$python" -m venv pip
clean pip/bin/python -m pip install --quiet --disable-pip-version-check "$wheel"
completes "pip install" "$folder/pip/bin/fimble"

clean UV_TOOL_DIR="$folder/tools" UV_TOOL_BIN_DIR="$folder/bin" "$uv" tool install --quiet \
  --python "$python" "$wheel"
completes "uv tool install" "$folder/bin/fimble"

clean PIPX_HOME="$folder/pipx" PIPX_BIN_DIR="$folder/pipx/bin" PIPX_DEFAULT_PYTHON="$python" \
  "$uv" tool run --quiet --python "$python" 'pipx>=1.7,<2' install --quiet "$wheel" >/dev/null
completes "pipx install" "$folder/pipx/bin/fimble"
