#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""slang, the SystemVerilog front end, with its own command line: scripts/slang.py --help.

  scripts/slang.py -f scripts/lint/slang.f --top ep_top -G Lanes=32 FILES...
"""

import os
import pathlib
import shlex
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

try:
    from pyslang import driver
except ImportError:
    python = ROOT / "build/tools/bin/python"
    if os.environ.get("EQUISPIN_SLANG") or not list(
            ROOT.glob("build/tools/lib/python3*/site-packages/pyslang")):
        sys.exit("No pyslang: run scripts/setup.sh lint")
    os.execve(python, [str(python), *sys.argv], os.environ | {"EQUISPIN_SLANG": "1"})

slang = driver.Driver()
slang.addStandardArgs()
ok = (slang.parseCommandLine(shlex.join(sys.argv), driver.CommandLineOptions())
      and slang.processOptions() and slang.parseAllSources() and slang.runFullCompilation())
sys.exit(0 if ok else 1)
