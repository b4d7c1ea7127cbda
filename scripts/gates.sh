#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Maps each block to a cell library and runs its testbench on the gates; then maps the small core and
# trains and tests digits-24 on its gates, in lockstep with the golden model, once for each random
# state of registers and latches at power-up.
#
#   scripts/gates.sh KIT [SEED...]     seeds of the power-up state (default 1 2)
#
#   SAMPLES=200      samples to train, and to test
#   BUILD=build      build folder with the program's libraries
#   JOBS=N           parallel jobs
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
kit=${1:?usage: scripts/gates.sh KIT [SEED...]}
shift
[ $# -gt 0 ] || set -- 1 2
samples=${SAMPLES:-200}
out=build/synth/$kit-small

scripts/build.sh "build/gates-$kit" "${JOBS:-$(nproc)}" gate_tests "-DEP_NETLIST=$kit"
echo "gates: testbenches of the blocks on $kit"
"build/gates-$kit/bin/gate_tests" --gtest_brief=1

scripts/netlist.py --kit "$kit" --config small --jobs "${JOBS:-$(nproc)}"
for seed in "$@"; do
  echo "gates: digits-24 on $out/netlist.v, power-up state $seed"
  EQUISPIN_POWER_UP=$seed "$out/equispin" train digits-24 --backend lockstep --epochs 1 \
    --train-samples "$samples" --test-samples "$samples" \
    --set hardware.neuron_lanes=4 --set hardware.multipliers=4
done
