#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Records a waveform (FST, for GTKWave or Surfer) with the traced build in build/waves.
#
#   scripts/waves.sh sim/nets/X.toml [OPTION...]   one training sample, then one test sample
#   scripts/waves.sh FOLDER [OPTION...]            a replay folder that a divergence left: 1,000 cycles
#                                                  before and after it, with a GTKWave save file
#
# Options go to equispin. The file is build/waves/<name>.fst or EQUISPIN_WAVES, and FOLDER/wave.fst.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
net=${1:-sim/nets/digits-128.toml}
shift || true
# Only the core that the network asks for, as it takes minutes to compile.
file=$net
[ ! -d "$net" ] || file=$net/network.toml
[ -f "$file" ] || file=sim/nets/$net.toml
lanes=$(sed -nE 's/^ *lanes *= *([0-9]+).*/\1/p' "$file" 2>/dev/null || true)
scripts/build.sh build/waves "${JOBS:-$(nproc)}" equispin -DEP_TRACE=ON -DEP_LANES="${lanes:-32}"
status=0
if [ -d "$net" ]; then
  build/waves/bin/equispin replay "$net" --waves "${net%/}/wave" "$@" || status=$?
else
  export EQUISPIN_WAVES=${EQUISPIN_WAVES:-build/waves/$(basename "$net" .toml).fst}
  build/waves/bin/equispin train "$net" --backend rtl --epochs 1 --train-samples 1 \
    --test-samples 1 "$@" || status=$?
  [ ! -s "$EQUISPIN_WAVES" ] || echo "waveform: $EQUISPIN_WAVES"
fi
exit $status
