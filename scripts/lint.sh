#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# All static checks; prints what fails and ends with exit code 1 if anything did.
#
#   scripts/lint.sh [STEP...]     steps: verilator slang verible layout synth scripts (default: all)
#
#   LINT_TOP=ep_x      module to elaborate instead of ep_top and ep_core
#   LINT_PARAMS='K=V'  its parameters
#   LINT_LINES=60      lines shown of what fails
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=$PWD/build/tools/bin
out=build/lint
mkdir -p $out

steps=("${@:-verilator slang verible layout synth scripts}")
[ $# -gt 0 ] || read -ra steps <<<"${steps[0]}"

read_list() { sed -E 's/#.*//; s/[[:space:]]+$//; /^$/d' "$1"; }
mapfile -t sources < <(read_list rtl/sources.f)
mapfile -t configurations < <(read_list scripts/lint/configurations.txt)
top=${LINT_TOP:-ep_top}
examples=(ep_wishbone_top)
mapfile -t example_sources < <(find examples -name '*.sv' | sort)
alone_verilator=() alone_slang=()
if [ -n "${LINT_TOP:-}" ]; then
  configurations=("${LINT_PARAMS:-}")
  examples=()
  # A block alone does not use all that the packages have.
  alone_verilator=(-Wno-UNUSEDPARAM)
  alone_slang=(-Wno-unused-def -Wno-unused-package-parameter -Wno-unused-package-typedef)
fi
# What people write: sources, headers and testbench-side SystemVerilog; not the generated registers.
mapfile -t verilog < <(find rtl tb formal examples -name '*.sv' -o -name '*.svh' | sort)
written=()
for file in "${verilog[@]}"; do
  head -5 "$file" | grep -qi 'generated' || written+=("$file")
done
mapfile -t cxx < <(find model sim tb bench examples \( -name '*.h' -o -name '*.cc' \) 2>/dev/null | sort)
for i in "${!cxx[@]}"; do
  if head -5 "${cxx[i]}" | grep -qi 'generated'; then unset "cxx[i]"; fi
done

failed=()
declare -A shown
# step NAME COMMAND...: runs quietly, shows the output only on failure, and of the same command with
# other parameters only once.
step() {
  local name=$1 log lines=${LINT_LINES:-60}
  shift
  log=$out/${name//[^A-Za-z0-9=]/_}.log
  if "$@" >"$log" 2>&1 </dev/null; then
    printf '  ok      %s\n' "$name"
  else
    printf '  FAILED  %s\n' "$name"
    [ -z "${shown[$1]:-}" ] || lines=3
    shown[$1]=1
    sed 's/^/    /' "$log" | head -"$lines"
    failed+=("$name")
  fi
}

verilator_step() { # PARAMETERS TOP FURTHER-FILES...
  # shellcheck disable=SC2086
  scripts/verilator.sh --lint-only -Wall "${alone_verilator[@]}" --assert --no-timing -Irtl/common \
    --top-module $2 $([ -z "$1" ] || printf -- '-G%s ' $1) scripts/lint/verilator.vlt \
    "${sources[@]}" "${@:3}"
}

slang_step() { # PARAMETERS TOP FURTHER-FILES...; any warning fails
  local text
  # shellcheck disable=SC2086
  text=$(scripts/slang.py -f scripts/lint/slang.f "${alone_slang[@]}" -I rtl/common --top $2 \
    $([ -z "$1" ] || printf -- '-G %s ' $1) "${sources[@]}" "${@:3}" 2>&1)
  local status=$?
  echo "$text"
  [ $status -eq 0 ] && grep -q '0 errors, 0 warnings' <<<"$text"
}

verible_step() {
  "$bin/verible-verilog-lint" --rules_config scripts/lint/verible.rules \
    --waiver_files scripts/lint/verible.waiver "${written[@]}"
}

layout_verilog() { # fails on the first difference of each file
  local file status=0
  for file in "${written[@]}"; do
    "$bin/verible-verilog-format" --flagfile=scripts/lint/verible-format.flags "$file" |
      diff -u --label "$file" --label "make format" "$file" - || status=1
  done
  return $status
}

layout_cxx() { "$bin/clang-format" --dry-run -Werror "${cxx[@]}"; }

python_step() { "$bin/ruff" check -q --config scripts/lint/ruff.toml scripts; }

shell_step() {
  local file status=0
  while IFS= read -r file; do bash -n "$file" || status=1; done < <(find scripts .ci -name '*.sh' -o -path .ci/run)
  return $status
}

for name in "${steps[@]}"; do
  case $name in
    verilator | slang)
      label=${name/v/V}
      for c in "${configurations[@]}"; do step "$label, $top $c" ${name}_step "$c" $top; done
      for e in "${examples[@]}"; do
        step "$label, $e" ${name}_step "" $e "${example_sources[@]}"
      done
      ;;
    verible) step "Verible rules" verible_step ;;
    layout)
      [ ${#written[@]} -eq 0 ] || step "SystemVerilog layout" layout_verilog
      [ ${#cxx[@]} -eq 0 ] || step "C++ layout" layout_cxx
      ;;
    synth)
      # shellcheck disable=SC2086
      step "Yosys: ${LINT_TOP:-ep_core} to gates, no latches, no loops" scripts/synth_check.sh \
        ${LINT_TOP:-} ${LINT_TOP:+${LINT_PARAMS:-}}
      ;;
    scripts)
      step "Python scripts" python_step
      step "shell scripts" shell_step
      ;;
    *) echo "lint: no step '$name'" >&2; exit 2 ;;
  esac
done

if [ ${#failed[@]} -gt 0 ]; then
  echo "lint: ${#failed[@]} failed (whole output in $out)"
  exit 1
fi
echo "lint: clean"
