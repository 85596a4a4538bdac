#!/bin/bash
# Installs the editors of tests/editors that Debian has, where this is Debian and we may.
# Neovim 0.11 comes with `uv sync`; tests of an editor that is not here are skipped and say so.
set -euo pipefail
command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || exit 0
cd "$(dirname "$0")/../.."

missing=()
command -v emacs >/dev/null || missing+=(emacs-nox)
[ -n "$(find /usr/share/emacs/site-lisp/elpa -maxdepth 1 -name 'eglot-*' 2>/dev/null)" ] || missing+=(elpa-eglot)
command -v tmux >/dev/null || missing+=(tmux)
command -v patchelf >/dev/null || missing+=(patchelf)
if [ "${#missing[@]}" -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# Editors of other releases of Debian, each beside its own libraries in a folder of ours: nothing
# of the system changes. apt checks the signatures, of this release's keyring.
EDITORS=$PWD/.editors
KEYS=/usr/share/keyrings/debian-archive-keyring.gpg

unpack() { # unpack RELEASE PACKAGE...
  local release=$1 made=$EDITORS/$1.new
  shift
  rm -rf "$made"
  mkdir -p "$made"/{state/lists/partial,cache/archives/partial,preferences,tree}
  : >"$made/status"
  echo "deb [signed-by=$KEYS] http://deb.debian.org/debian $release main" >"$made/sources.list"
  local options=(
    -o "Dir::State=$made/state" -o "Dir::State::status=$made/status" -o "Dir::Cache=$made/cache"
    -o "Dir::Etc::sourcelist=$made/sources.list" -o "Dir::Etc::sourceparts=/dev/null"
    -o "Dir::Etc::preferences=/dev/null" -o "Dir::Etc::preferencesparts=$made/preferences"
    -o Acquire::Languages=none -o APT::Sandbox::User=root
  )
  apt-get -qq "${options[@]}" update
  apt-get -qq "${options[@]}" install -y --no-install-recommends --download-only "$@" >/dev/null
  local package
  for package in "$made"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$made/tree"
  done
  rm -rf "${EDITORS:?}/$release"
  mv "$made/tree" "$EDITORS/$release"
  rm -rf "$made"
}

wrap() { # wrap RELEASE PROGRAM COMMAND [NAME=VALUE...]; PROGRAM is a path below /usr
  local tree=$EDITORS/$1 program=$2 command=$EDITORS/bin/$3
  shift 3
  mkdir -p "$EDITORS/bin"
  # Its own loader and libraries: Neovim starts itself again, by the path of what runs.
  patchelf --set-interpreter "$tree/usr/lib64/ld-linux-x86-64.so.2" \
    --force-rpath --set-rpath "$tree/usr/lib/x86_64-linux-gnu" "$tree/usr/$program"
  printf '#!/bin/sh\n%s\nexec %q "$@"\n' "${*:+export $*}" "$tree/usr/$program" >"$command"
  chmod +x "$command"
  "$command" --version >/dev/null
}

neovim() { # neovim RELEASE COMMAND
  local tree=$EDITORS/$1 lua=usr/lib/x86_64-linux-gnu/lua/5.1
  wrap "$1" bin/nvim "$2" "VIMRUNTIME=$tree/usr/share/nvim/runtime" \
    "LUA_PATH='$tree/usr/share/lua/5.1/?.lua;;'" "LUA_CPATH='$tree/$lua/?.so;;'"
}

[ "$(dpkg --print-architecture)" = amd64 ] && [ -e "$KEYS" ] || exit 0
[ -x "$EDITORS/bin/nvim-0.10" ] || { unpack trixie neovim && neovim trixie nvim-0.10; }
[ -x "$EDITORS/bin/hx" ] || {
  unpack forky neovim hx
  neovim forky nvim-0.12
  wrap forky lib/hx/hx hx "HELIX_RUNTIME=$EDITORS/forky/usr/lib/hx/runtime"
}
