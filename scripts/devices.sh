#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Checks the device models against the numbers that they must reproduce, then draws the curves of
# devices in build/array/NAME. Fails if a gate does.
#
#   scripts/devices.sh [DEVICE...]     names of sim/devices or files (default: mram-typ rram-typ)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
equispin=${BUILD:-build}/bin/equispin
devices=("${@:-mram-typ rram-typ}")
[ $# -gt 0 ] || read -ra devices <<<"${devices[0]}"

"$equispin" array --gates
for device in "${devices[@]}"; do
  name=$(basename "$device" .toml)
  "$equispin" array "$device" --out "build/array/$name" >/dev/null
  build/tools/bin/python scripts/plot_array.py "build/array/$name"
done
