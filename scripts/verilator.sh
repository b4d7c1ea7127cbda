#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs Verilator: EQUISPIN_VERILATOR, else the one that setup.sh installed, else one on PATH that is
# at least 5.040. With --where it prints the program and its root, separated by ";", instead.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

new_enough() { # Verilator prints "Verilator 5.048 2025-..."
  local version
  version=$("$1" --version 2>/dev/null | sed -nE 's/^Verilator ([0-9]+)\.0*([0-9]+).*/\1 \2/p')
  [ -n "$version" ] && set -- $version && [ "$1" -gt 5 -o \( "$1" -eq 5 -a "$2" -ge 40 \) ]
}

program=
verilator_root=
if [ -n "${EQUISPIN_VERILATOR:-}" ]; then
  program=$(command -v "$EQUISPIN_VERILATOR") || {
    echo "EQUISPIN_VERILATOR=$EQUISPIN_VERILATOR: no such program" >&2
    exit 1
  }
else
  for folder in "$root"/build/tools/lib/python3*/site-packages/verilator; do
    [ -x "$folder/bin/verilator_bin" ] && program=$folder/bin/verilator && verilator_root=$folder
  done
  if [ -z "$program" ] && command -v verilator >/dev/null && new_enough verilator; then
    program=$(command -v verilator)
  fi
fi
[ -n "$program" ] || exit 1
if [ -z "$verilator_root" ]; then
  verilator_root=$("$program" --getenv VERILATOR_ROOT)
fi
if [ "${1:-}" = --where ]; then
  echo "$program;$verilator_root"
else
  VERILATOR_ROOT=$verilator_root exec "$program" "$@"
fi
