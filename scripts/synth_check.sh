#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Reads ep_core (or another module) with slang into Yosys and maps it to generic gates. Fails on
# latches, combinational loops, multiple drivers, undriven signals and on any warning that is not
# known to be harmless; prints the number of cells.
#
#   scripts/synth_check.sh [MODULE [K=V...]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
top=${1:-ep_core}
[ $# -gt 0 ] && shift
if [ $# -eq 0 ] && [ "$top" = ep_core ]; then
  mapfile -t parameters < <(sed -E 's/#.*//; /^[[:space:]]*$/d' scripts/lint/synth.txt | tr -s ' ' '\n')
else
  parameters=("$@")
fi
out=build/synth/$top
mkdir -p "$out"
generics=
for p in "${parameters[@]}"; do generics+=" -G $p"; done

scripts/yosys.py -q -l "$out/yosys.log" -D TOP="$top" -D GENERICS="$generics" -D OUT="$out" \
  scripts/lint/synth.ys

awk '/cells$/ { print $1 " cells" } $2 ~ /DFF/ { n += $1 } END { print n + 0 " flip-flops" }' "$out/stat.txt" |
  tail -2 | paste -sd, | sed "s/^/$top ${parameters[*]}: /; s/,/, /"
