# SPDX-License-Identifier: Apache-2.0
#
# The verbs. Each works from a fresh clone: it installs what it lacks and writes only under build/.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

JOBS ?= $(shell nproc)
BUILD ?= build
NET ?= sim/nets/digits-128.toml
BACKEND ?= lockstep
CONFIG ?= 16
KIT ?= osu018
ARGS ?=

export BUILD
export CCACHE_DIR ?= $(CURDIR)/build/ccache
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_SLOPPINESS ?= time_macros,include_file_mtime,include_file_ctime
export CMAKE_GENERATOR ?= Ninja
export NINJA_STATUS ?= [%f/%t %es] 

EQUISPIN := $(BUILD)/bin/equispin

.PHONY: help setup build demo test lint formal coverage mutate fuzz faults regress format regs docs sim mnist devices bench study waves check clean synth gates power ledger report peers

help: ## This list
	@echo "Equispin: make VERB [VARIABLE=...]"
	@echo
	@sed -nE 's/^([a-z]+):.*## (.*)/  \1\t\2/p' Makefile | expand -t 12
	@echo
	@echo "  JOBS=$(JOBS) parallel jobs, BUILD=$(BUILD) build folder, ARGS= further options for the program or ctest"

setup: ## Install everything that any verb needs
	@scripts/setup.sh all

build: ## Build the program (build/bin/equispin) and all tests
	@scripts/setup.sh base
	@scripts/build.sh $(BUILD) $(JOBS)

demo: ## Train digits-128 in RTL and golden model in lockstep, then test it (two minutes)
	@scripts/setup.sh base
	@scripts/build.sh $(BUILD) $(JOBS) equispin
	@$(EQUISPIN) train sim/nets/digits-128.toml --backend lockstep $(ARGS) || scripts/difference.sh $$?

test: ## All tests: models, program, RTL against models, the quick proofs
	@scripts/setup.sh base formal report
	@scripts/build.sh $(BUILD) $(JOBS)
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS) $(ARGS)

lint: ## Verilator, slang, Verible, Yosys (latches, loops), formats, Python
	@scripts/setup.sh base lint
	@scripts/lint.sh

formal: ## Prove the properties in formal/, and that each sees the faults it is for; ARGS=NAME for one
	@scripts/setup.sh base formal
	@scripts/formal.py $(ARGS)

coverage: ## What tests reach: lines, branches, toggles, bins of the core's RTL; lines of the C++
	@scripts/setup.sh base coverage
	@JOBS=$(JOBS) scripts/coverage.py $(ARGS)
	@JOBS=$(JOBS) scripts/coverage_cpp.py $(ARGS)

mutate: ## Random faults in each block: how many does its testbench see (ARGS='--seed 2')
	@scripts/setup.sh base formal
	@scripts/build.sh $(BUILD) $(JOBS)
	@scripts/mutate.py $(ARGS)

fuzz: ## Fuzz all file readers and the register bus; ARGS='SECONDS TARGET...'
	@scripts/setup.sh base fuzz
	@JOBS=$(JOBS) scripts/fuzz.sh $(ARGS)

faults: ## Upset registers and memories of a training core: what comes of it
	@scripts/setup.sh base formal
	@scripts/build.sh $(BUILD) $(JOBS)
	@scripts/faults.py $(ARGS)

regress: ## All of the above over several seeds, one page at the end (ARGS=--quick)
	@scripts/setup.sh base lint formal coverage fuzz
	@JOBS=$(JOBS) scripts/regress.py $(ARGS)

format: ## Lay out C++, SystemVerilog and Python in place
	@scripts/setup.sh lint
	@scripts/format.sh

regs: ## Generate the registers: RTL, C++ header, documents
	@scripts/setup.sh regs
	@scripts/regs.sh

docs: ## Draw the diagrams of docs/ whose source has changed
	@scripts/setup.sh base
	@scripts/docs.sh

sim: ## Run a network: NET=sim/nets/X.toml BACKEND=fast|golden|rtl|lockstep
	@scripts/setup.sh base
	@scripts/build.sh $(BUILD) $(JOBS) equispin
	@$(EQUISPIN) train $(NET) --backend $(BACKEND) $(ARGS) || scripts/difference.sh $$?

mnist: ## Get MNIST; train mnist-256 with the fast model and in RTL, same hash after each epoch
	@scripts/setup.sh base mnist
	@scripts/build.sh $(BUILD) $(JOBS) equispin
	@scripts/mnist.sh $(ARGS)

devices: ## Check the device models against published numbers; draw their curves (ARGS=DEVICE...)
	@scripts/setup.sh base study
	@scripts/build.sh $(BUILD) $(JOBS) equispin
	@scripts/devices.sh $(ARGS)

synth: ## Area and timing: CONFIG=8|16|32|64 lanes, KIT=osu018, or with PDK_ROOT sg13g2, sky130hd, asap7
	@scripts/setup.sh base lint synth
	@scripts/synth.py --config $(CONFIG) --kit $(KIT) $(ARGS)

peers: ## Other open learning cores through the recipe of make synth (KIT; ARGS='--from FOLDER-OF-CLONES')
	@scripts/setup.sh base lint synth
	@scripts/peers.py --kit $(KIT) $(ARGS)

power: ## Energy of a mapped core while it trains, by room and phase (CONFIG=small unless said; KIT)
	@scripts/setup.sh base lint synth study
	@scripts/build.sh $(BUILD) $(JOBS) equispin
	@[ $(CONFIG) = small ] || scripts/mnist.sh --data-only
	@build/tools/bin/python scripts/digital_energy.py --kit $(KIT) --config $(CONFIG) $(ARGS)
power: CONFIG = small

ledger: ## Accuracy beside energy: the networks of studies/ again, each with its energy ledger
	@scripts/setup.sh base mnist
	@scripts/mnist.sh --data-only
	@scripts/build.sh $(BUILD) $(JOBS) equispin
	@JOBS=$(JOBS) scripts/ledgers.py $(ARGS)

report: ## One page, build/report/index.html, with what the other verbs have measured here
	@scripts/setup.sh base report
	@build/tools/bin/python scripts/report.py $(ARGS)

gates: ## Train and test on mapped gates in lockstep (sg13g2 with PDK_ROOT, else osu018); ARGS=power-up seeds
	@scripts/setup.sh base lint synth
	@scripts/build.sh $(BUILD) $(JOBS) equispin
	@JOBS=$(JOBS) scripts/gates.sh $(if $(filter command environment,$(firstword $(origin KIT))),$(KIT),$(if $(PDK_ROOT),sg13g2,osu018)) $(ARGS)

bench: ## Speed of the models and the RTL, beside PyTorch
	@scripts/setup.sh base mnist bench
	@scripts/build.sh $(BUILD) $(JOBS) equispin fast_benchmark
	@scripts/bench.sh $(ARGS)

study: ## Train the final networks of docs/study.md again and check their weights (minutes)
	@scripts/setup.sh base mnist study
	@scripts/mnist.sh --data-only
	@scripts/build.sh $(BUILD) $(JOBS) equispin
	@for grid in final shift digits; do $(EQUISPIN) sweep $$grid --jobs $(JOBS) $(ARGS) || exit; done
	@scripts/study.py check final shift digits

waves: ## Waveform of one sample of NET, or of the replay folder NET of a divergence
	@scripts/setup.sh base waves
	@JOBS=$(JOBS) scripts/waves.sh $(NET) $(ARGS)

check: ## All that must pass: lint, test, registers up to date, files in pairs
	@scripts/setup.sh base lint tidy regs report
	@scripts/check_pairs.py
	@scripts/study.py docs --check
	@scripts/regs.sh --check
	@scripts/lint.sh
	@scripts/build.sh $(BUILD) $(JOBS)
	@scripts/tidy.sh $(JOBS)
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS) $(ARGS)

clean: ## Remove what was built, keep tools and data
	@find build -mindepth 1 -maxdepth 1 ! -name tools ! -name data ! -name ccache -exec rm -rf {} +
