#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Lays out SystemVerilog, C++ and Python in place; generated files are left alone.
#
#   scripts/format.sh [FILE...]     default: all
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=build/tools/bin
if [ $# -eq 0 ]; then
  mapfile -t files < <(find rtl formal model sim tb bench examples \( -name '*.sv' -o -name '*.svh' -o -name '*.h' -o -name '*.cc' \) 2>/dev/null)
  set -- "${files[@]}"
fi
verilog=() cxx=()
for file; do
  if head -5 "$file" | grep -qi 'generated'; then continue; fi
  case $file in
    *.sv | *.svh) verilog+=("$file") ;;
    *.h | *.cc) cxx+=("$file") ;;
  esac
done
[ ${#verilog[@]} -eq 0 ] ||
  $bin/verible-verilog-format --flagfile=scripts/lint/verible-format.flags --inplace "${verilog[@]}"
[ ${#cxx[@]} -eq 0 ] || $bin/clang-format -i "${cxx[@]}"
