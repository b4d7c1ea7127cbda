#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Training speed on one thread: the fast model and where its time goes, PyTorch beside it, then the
# other backends. Rates are per second of the thread, except for the other backends.
#
#   scripts/bench.sh [OPTION...]     options go to fast_benchmark, e.g. --rounds 1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${BUILD:-build}
out=$build/bench
mkdir -p "$out"

[ -n "${EQUISPIN_DATA:-}" ] || scripts/mnist.sh --data-only || echo "bench: no MNIST, random images"

benchmark=$build/bin/fast_benchmark
sed -n 's/^model name[^:]*: /Processor: /p' /proc/cpuinfo 2>/dev/null | head -1
"$benchmark" --json "$out/fast.json" "$@"

echo
# Debian's PyTorch belongs to the system's Python.
/usr/bin/python3 scripts/bench_torch.py --fast "$out/fast.json"

echo
[ ! -f build/data/mnist/train-images-idx3-ubyte ] || BUILD=$build /usr/bin/python3 scripts/compare_torch.py

echo
echo "Other backends, mnist-256, samples per wall second at the start of epoch 1"
for run in plain:2000 golden:4000 rtl:2000; do
  backend=${run%:*} samples=${run#*:}
  "$build/bin/equispin" train mnist-256 --backend "$backend" --epochs 1 --train-samples "$samples" \
    --test-samples 1 --json "$out/$backend.json" >/dev/null 2>"$out/$backend.log" || {
    echo "  $backend: not measured: $(tail -1 "$out/$backend.log")"
    continue
  }
  /usr/bin/python3 - "$backend" "$samples" "$out/$backend.json" <<'PYTHON'
import json, sys

backend, samples, file = sys.argv[1:]
with open(file, encoding="utf-8") as result:
    print(f"  {backend:8} {int(samples) / json.load(result)['seconds']:8.0f}")
PYTHON
done
