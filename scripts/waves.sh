#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Records a waveform (FST, for GTKWave or Surfer) with the traced build in build/waves.
#
#   scripts/waves.sh sim/nets/X.toml [OPTION...]   one training sample, then one test sample
#   scripts/waves.sh FOLDER [OPTION...]            a replay folder that a divergence left
#
# Options go to equispin. The file is build/waves/<name>.fst, or EQUISPIN_WAVES.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
net=${1:-sim/nets/digits-128.toml}
shift || true
export EQUISPIN_WAVES=${EQUISPIN_WAVES:-build/waves/$(basename "$net" .toml).fst}
if [ -d "$net" ]; then
  status=0
  build/waves/bin/equispin replay "$net" "$@" || status=$?
else
  status=0
  build/waves/bin/equispin train "$net" --backend rtl --epochs 1 --train-samples 1 \
    --test-samples 1 "$@" || status=$?
fi
[ ! -s "$EQUISPIN_WAVES" ] || echo "waveform: $EQUISPIN_WAVES"
exit $status
