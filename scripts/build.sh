#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Configures a build folder where needed and builds in it.
#
#   scripts/build.sh FOLDER JOBS [TARGET...] [-DOPTION=VALUE...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$1 jobs=$2
shift 2
targets=() options=()
for word; do
  case $word in -D*) options+=("$word") ;; *) targets+=("$word") ;; esac
done
# One build at a time in a folder; flock waits for the one that is going on.
mkdir -p "$folder"
exec 9>"$folder/.lock"
flock -n 9 || { echo "build: waiting for another build in $folder"; flock 9; }
# An option that is not what the folder was configured with.
for option in "${options[@]}"; do
  name=${option#-D} value=${option#*=}
  grep -qsE "^${name%%=*}:[A-Z]+=${value}\$" "$folder/CMakeCache.txt" || rm -f "$folder/build.ninja"
done
# A moved tree or another Verilator needs a new configuration.
if [ ! -f "$folder/build.ninja" ] || ! grep -qsF "$(scripts/verilator.sh --where)" "$folder/ep_verilator.txt" ||
  ! grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$folder/CMakeCache.txt"; then
  rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
  cmake -S . -B "$folder" -G Ninja "${options[@]}" >"$folder/configure.log" 2>&1 || {
    cat "$folder/configure.log" >&2
    exit 1
  }
  scripts/verilator.sh --where >"$folder/ep_verilator.txt"
fi
exec cmake --build "$folder" -j "$jobs" ${targets:+--target "${targets[@]}"}
