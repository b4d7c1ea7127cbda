#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes everything that comes from the register description rtl/ctrl/ep_regs.rdl:
#
#   rtl/ctrl/ep_regs_pkg.sv, rtl/ctrl/ep_regs.sv   the register file
#   model/ctrl/regs.h                              addresses and fields for C++
#   docs/registers.md                              the register map to read
#   build/docs/registers/                          the same to click through
#
# scripts/regs.sh --check writes nothing; it fails when one of the first four is not what the
# description gives.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh regs
python=build/tools/bin/python
generated=(rtl/ctrl/ep_regs_pkg.sv rtl/ctrl/ep_regs.sv model/ctrl/regs.h docs/registers.md)

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$python" scripts/regs.py --rtl "$out" --header "$out/regs.h" --markdown "$out/registers.md"

drift=0
for file in "${generated[@]}"; do
  new=$out/$(basename "$file")
  cmp -s "$new" "$file" && continue
  if [ "${1:-}" = --check ]; then
    echo "regs: $file is not what rtl/ctrl/ep_regs.rdl gives: run scripts/regs.sh" >&2
    drift=1
  else
    mkdir -p "$(dirname "$file")"
    cp "$new" "$file"
    echo "regs: $file"
  fi
done
if [ "${1:-}" != --check ]; then
  mkdir -p build/docs
  "$python" -m peakrdl html rtl/ctrl/ep_regs.rdl -o build/docs/registers
fi
exit $drift
