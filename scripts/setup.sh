#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what a group of verbs needs and this machine lacks: Debian packages, with sudo when not
# root, and pinned Python wheels in the virtual environment build/tools. Says what it does; does
# nothing when all is there.
#
#   scripts/setup.sh [GROUP...]      groups: base (default) lint tidy regs formal coverage fuzz synth mnist waves bench study report all
#
#   EQUISPIN_VERILATOR   a Verilator to use instead of the pinned one (5.040 or newer; one on PATH is
#                        used by itself)
#   EQUISPIN_NO_INSTALL  1: only say what is missing, and fail if anything is
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=build/tools

groups=("${@:-base}")
[ "${groups[*]}" != all ] || groups=(base lint tidy regs formal coverage fuzz synth mnist waves bench study report)

say() { echo "setup: $*"; }

# Debian packages: a command or a file that tells that it is there, then the package.
debian_base='
g++                                        g++
cmake                                      cmake
ninja                                      ninja-build
ccache                                     ccache
make                                       make
perl                                       perl
pkg-config                                 pkg-config
/usr/lib/python3*/ensurepip/__init__.py      python3-venv
/usr/include/gtest/gtest.h                 libgtest-dev
/usr/include/gmock/gmock.h                 libgmock-dev
/usr/include/fmt/core.h                    libfmt-dev
/usr/include/CLI/CLI.hpp                   libcli11-dev
/usr/include/toml++/toml.h                 libtomlplusplus-dev
/usr/include/nlohmann/json.hpp             nlohmann-json3-dev
/usr/include/hwy/highway.h                 libhwy-dev
/usr/include/zlib.h                        zlib1g-dev
/usr/include/lz4.h                         liblz4-dev
'
debian_lint=''
debian_tidy=''
debian_regs=''
debian_coverage=''
debian_fuzz='
clang++                                    clang
/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a libclang-rt-14-dev
'
debian_formal='
z3                                         z3
'
debian_synth='
sta                                        opensta
/usr/share/qflow/tech/osu018/osu018_stdcells.lib qflow-tech-osu018
'
debian_mnist='
npm                                        npm
'
debian_waves=''
debian_report=''
debian_bench='
/usr/include/benchmark/benchmark.h         libbenchmark-dev
/usr/lib/python3/dist-packages/torch/version.py      python3-torch
/usr/lib/*/openblas-openmp/libblas.so.3 libopenblas0-openmp
'

debian_study='
/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz dataset-fashion-mnist
'

missing_debian() {
  local probe package
  while read -r probe package; do
    [ -n "$probe" ] || continue
    case $probe in
      /*) compgen -G "$probe" >/dev/null || echo "$package" ;;
      *) command -v "$probe" >/dev/null || echo "$package" ;;
    esac
  done <<<"$1"
}

# Lines of requirements.txt in the section of a group.
requirements() {
  awk -v group="[$1]" '/^# \[/ { on = ($2 == group); next } on && NF && !/^#/' scripts/requirements.txt
}

# Requirements of a group that the virtual environment lacks, in that version.
missing_python() {
  local line name version site
  while IFS= read -r line; do
    name=${line%%==*} version=${line##*==} version=${version%% *}
    if [ "$name" = verilator ] && other_verilator; then continue; fi
    site=$(compgen -G "$tools/lib/python3*/site-packages" || true)
    compgen -G "$site/${name//-/_}-$version*.dist-info" >/dev/null || echo "$line"
  done < <(requirements "$1")
}

# A usable Verilator that is not the pinned one.
other_verilator() {
  local where
  where=$(scripts/verilator.sh --where 2>/dev/null) && [[ ${where%%;*} != "$PWD/$tools/"* ]]
}

debian=() python=()
for group in "${groups[@]}"; do
  list=debian_$group
  [ -n "${!list+set}" ] || { say "no group '$group'; groups: base lint tidy regs formal coverage fuzz synth mnist waves bench study report all" >&2; exit 2; }
  mapfile -t -O "${#debian[@]}" debian < <(missing_debian "${!list}")
  mapfile -t -O "${#python[@]}" python < <(missing_python "$group")
done
[ ${#debian[@]} -gt 0 ] || [ ${#python[@]} -gt 0 ] || exit 0

if [ -n "${EQUISPIN_NO_INSTALL:-}" ]; then
  [ ${#debian[@]} -eq 0 ] || say "missing Debian packages: ${debian[*]}" >&2
  [ ${#python[@]} -eq 0 ] || say "missing in $tools: ${python[*]%% --*}" >&2
  exit 1
fi

# Python packages alone need python3 with venv, which a bare system lacks.
if [ ${#debian[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || {
    say "no apt-get here; install what these Debian packages contain: ${debian[*]}" >&2
    exit 1
  }
  sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { say "not root, no sudo; install ${debian[*]}" >&2; exit 1; }
    sudo=(sudo)
  fi
  say "Debian packages: ${debian[*]}"
  install=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
  mkdir -p build
  { "${install[@]}" update && "${install[@]}" install -y --no-install-recommends "${debian[@]}"; } \
    >build/setup.log 2>&1 </dev/null || { tail -20 build/setup.log >&2; say "apt-get failed (build/setup.log)" >&2; exit 1; }
fi

if [ ${#python[@]} -gt 0 ]; then
  if ! "$tools/bin/python" -c '' 2>/dev/null; then
    say "virtual environment $tools"
    rm -rf "$tools"
    "$(command -v /usr/bin/python3 || command -v python3)" -m venv "$tools"
  fi
  say "Python packages in $tools: ${python[*]%% --*}"
  pip() { "$tools/bin/python" -m pip --quiet --disable-pip-version-check install --only-binary :all: "$@"; }
  alone=() whole=()
  for line in "${python[@]}"; do
    if [[ $line == *--no-deps* ]]; then alone+=("${line%% *}"); else whole+=("${line%% *}"); fi
  done
  [ ${#alone[@]} -eq 0 ] || pip --no-deps "${alone[@]}"
  [ ${#whole[@]} -eq 0 ] || pip "${whole[@]}"
fi
say "done"
