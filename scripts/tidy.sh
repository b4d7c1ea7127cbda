#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# clang-tidy over our C++ that build/ compiles; a file is checked again only when it, a header, the
# rules or its compile command changed.
#
#   scripts/tidy.sh [JOBS] [FILE...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=${1:-2}
shift || true
tidy=build/tools/bin/clang-tidy
stamps=build/lint/tidy
mkdir -p $stamps
if [ $# -eq 0 ]; then
  mapfile -t files < <(find model sim tb examples -name '*.cc' 2>/dev/null | sort | while read -r file; do
    ! grep -qF "$PWD/$file\"" "${BUILD:-build}/compile_commands.json" || echo "$file"
  done)
  set -- "${files[@]}"
fi
version=$($tidy --version | tr -d '\n')
headers=$(find model sim tb -name '*.h' -print0 2>/dev/null | sort -z | xargs -0r cat | sha256sum)
check() {
  local file=$1 key stamp
  key=$(cat .clang-tidy "$file" | sha256sum)$headers$version
  stamp=$stamps/${file//\//_}
  [ "$(cat "$stamp" 2>/dev/null)" != "$key" ] || return 0
  if $tidy -p "${BUILD:-build}" --quiet --warnings-as-errors='*' "$file" >"$stamp.log" 2>/dev/null; then
    echo "$key" >"$stamp"
  else
    cat "$stamp.log"
    return 1
  fi
}
export -f check
export tidy stamps headers version
if printf '%s\0' "$@" | xargs -0 -r -n 1 -P "$jobs" bash -c 'check "$1"' check; then
  echo "clang-tidy: clean"
else
  echo "clang-tidy: failed"
  exit 1
fi
