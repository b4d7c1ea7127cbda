#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Renders the diagrams of docs/ whose source has changed (scripts/docs.py).
#
#   scripts/docs.sh           render
#   scripts/docs.sh --all     render all, for another renderer or style
#   scripts/docs.sh --check   only say what is stale, exit code 1 if anything is; needs python3 only
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case ${1:-} in
  --check) exec python3 scripts/docs.py --check ;;
  '' | --all) ;;
  *) echo "docs: unknown option $1 (--all, --check)" >&2; exit 2 ;;
esac
python=build/tools/bin/python
if ! $python -c 'import yowasp_wavedrom' 2>/dev/null; then
  [ -x $python ] || scripts/setup.sh base
  pin=$(awk '/^# \[/ { on = ($2 == "[docs]"); next } on && NF && !/^#/' scripts/requirements.txt)
  echo "docs: $pin in build/tools"
  $python -m pip --quiet --disable-pip-version-check install --only-binary :all: "$pin"
fi
exec $python scripts/docs.py "$@"
