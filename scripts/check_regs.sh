#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Fails if the generated register files differ from what their source gives today. The generation
# runs in a copy, so the tree stays as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ ! -x scripts/regs.sh ]; then
  echo "registers: no scripts/regs.sh yet"
  exit 0
fi
root=$PWD
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/build"
ln -s "$root/build/tools" "$copy/build/tools"
for folder in rtl model sim docs scripts; do
  [ ! -d $folder ] || cp -a $folder "$copy/"
done
(cd "$copy" && scripts/regs.sh >"$copy/build/regs.log" 2>&1) || { cat "$copy/build/regs.log" >&2; exit 1; }
status=0
for folder in rtl model sim docs; do
  [ ! -d $folder ] || diff -ru $folder "$copy/$folder" || status=1
done
[ $status -eq 0 ] && echo "registers: up to date" || echo "registers: run make regs and commit what changes"
exit $status
