#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Fuzzes the readers of all file formats and the register bus with libFuzzer, address and
# undefined-behaviour sanitizers; the build is in build/fuzz.
#
#   scripts/fuzz.sh [SECONDS [TARGET...]]   seconds a target (60); targets: network npy idx digits
#                                           state replay device bus
#
# Inputs that the fuzzer finds worth keeping are kept in build/fuzz/corpus, so that the next run goes
# on from there; those that crash go to build/fuzz/crashes. A crash becomes a test by being copied to
# sim/fuzz/corpus/TARGET or tb/fuzz/corpus. The exit code is 1 if anything crashed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
targets=("${@:-network npy idx digits state replay device bus}")
[ $# -gt 0 ] || read -ra targets <<<"${targets[0]}"
tree=build/fuzz
programs=()
for target in "${targets[@]}"; do
  case $target in
    bus) programs+=(fuzz_bus) ;;
    network | npy | idx | digits | state | replay | device) programs+=(fuzz_files) ;;
    *) echo "fuzz: no target $target" >&2; exit 2 ;;
  esac
done
mapfile -t programs < <(printf '%s\n' "${programs[@]}" | sort -u)
scripts/build.sh $tree "${JOBS:-$(nproc)}" "${programs[@]}" -DCMAKE_CXX_COMPILER=clang++ \
  -DEP_FUZZ=ON -DEP_SANITIZE=address,undefined -DEP_LANES=8
mkdir -p $tree/crashes
failed=()
for target in "${targets[@]}"; do
  seeds=sim/fuzz/corpus/$target
  if [ "$target" = bus ]; then
    seeds=tb/fuzz/corpus
  else
    ln -sf fuzz_files "$tree/bin/fuzz_$target"
  fi
  mkdir -p "$tree/corpus/$target"
  log=$tree/$target.log
  echo "fuzz: $target for $seconds s"
  if ! "$tree/bin/fuzz_$target" -max_total_time="$seconds" -seed=1 -print_final_stats=1 -max_len=4096 \
    -timeout=20 -artifact_prefix="$tree/crashes/$target-" "$tree/corpus/$target" "$seeds" >"$log" 2>&1; then
    failed+=("$target")
    grep -E "ERROR|SUMMARY|runtime error|what\(\)|Test unit" "$log" | head -5 || true
  fi
  grep -E "stat::number_of_executed_units|stat::new_units_added" "$log" || true
  grep -oE "cov: [0-9]+" "$log" | tail -1 || true
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "fuzz: crashes in ${failed[*]} (build/fuzz/crashes, build/fuzz/*.log)"
  exit 1
fi
echo "fuzz: no crash"
