#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# After a run of equispin: where RTL and model differed (exit code 1), records the waveform of the
# replay folder that it left. Ends with the code of the run.
#
#   scripts/difference.sh CODE
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "$1" -eq 1 ]; then
  folder=$(ls -td build/replay/*/ 2>/dev/null | head -1)
  [ -z "$folder" ] || make --no-print-directory waves NET="${folder%/}" || true
fi
exit "$1"
