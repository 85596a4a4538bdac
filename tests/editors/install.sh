#!/bin/sh
# Installs the editors of tests/editors that Debian has, where this is Debian and we may.
# Neovim comes with `uv sync`; tests of an editor that is not here are skipped and say so.
set -eu
command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || exit 0
missing=
command -v emacs >/dev/null || missing="$missing emacs-nox"
[ -n "$(find /usr/share/emacs/site-lisp/elpa -maxdepth 1 -name 'eglot-*' 2>/dev/null)" ] || missing="$missing elpa-eglot"
command -v tmux >/dev/null || missing="$missing tmux"
[ -n "$missing" ] || exit 0
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
