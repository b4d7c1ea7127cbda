#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Reads ep_core (or another module) with slang into Yosys and maps it to generic gates; memories
# stay whole. Fails on latches, combinational loops, multiple drivers and undriven signals, and on
# warnings that scripts/lint/synth.waiver does not name; prints what came out.
#
#   scripts/synth_check.sh [MODULE [K=V...]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
top=${1:-ep_core}
[ $# -eq 0 ] || shift
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
  scripts/lint/synth.ys >"$out/messages.txt" || { cat "$out/messages.txt"; exit 1; }
if sed -E 's/#.*//; /^[[:space:]]*$/d' scripts/lint/synth.waiver | grep -vEf - "$out/messages.txt"; then
  echo "warnings of Yosys (whole log: $out/yosys.log)"
  exit 1
fi

awk -v name="$top${parameters[*]:+ ${parameters[*]}}" '
  FILENAME ~ /memories/ && /parameter \\WIDTH/ { width = $3 }
  FILENAME ~ /memories/ && /parameter \\SIZE/ { bits += width * $3; ++memories }
  FILENAME ~ /stat/ && $NF == "cells" { cells = $1 }
  FILENAME ~ /stat/ && $2 ~ /DFF/ { flops += $1 }
  END { printf "%s: %d cells, of them %d flip-flops; %d memories of %d bits together\n",
        name, cells, flops, memories, bits }' "$out/memories.il" "$out/stat.txt"
