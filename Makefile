# `make help` lists the targets. Written for GNU make 3.81, which macOS ships.

SWIFT ?= swift
BROKER := Scripts/broker
FORMATTED := Package.swift Sources Tests $(wildcard Examples Benchmarks)

# Arguments for every `swift test` here, for example: make test TEST='--filter Recovery'
TEST ?=

# Our tests use Swift Testing only. With a broker of our own at hand, a test that finds none has failed.
RUN_TESTS = MIMI_REQUIRE_BROKER=1 $(SWIFT) test --disable-xctest --skip-build $(FEW_AT_A_TIME)

# Hundreds of tests at once would wait for each other, and some of them have time limits. Older compilers cannot say so.
FEW_AT_A_TIME = $(shell $(SWIFT) test --help-hidden 2>/dev/null | \
	sed -n 's/^  \(--experimental-maximum-parallelization-width\) .*/\1 6/p')

# What harms brokers and links or wears the machine out would disturb the others.
WEARING := LinkFaultTests|ByteStairwayTests|HarmedBrokerTests|ClusterTests|DeadlineTests|QueryIntegrityTests|StopStateTests

# The Python that `Scripts/setup --with-pika` prepares; without it the interoperability test says that it is skipped.
ifneq ($(wildcard .build/python/bin/python3),)
export MIMI_PYTHON := $(CURDIR)/.build/python/bin/python3
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-secure demo-chaos test test-faults stairway leaks deadlines simulate simulate-planted fuzz \
	sanitize sanitize-thread sanitize-address ledger soak ledger-can-fail ledger-patch examples example-health \
	bench bench-check test-scripts format lint docs check-api clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | while IFS='	' read -r name what; do \
		printf '  make %-17s %s\n' "$$name" "$$what"; done

setup: ## Install what is missing: librabbitmq, OpenSSL, a broker
	@Scripts/setup

demo: setup ## See three services talk over a throw-away RabbitMQ
	@$(SWIFT) build --package-path Examples --product Shop
	@$(BROKER) --name demo exec -- Examples/Shop/demo.sh

demo-secure: setup ## Play it over mutual TLS, each service with few rights
	@$(SWIFT) build --package-path Examples --product Shop
	@$(BROKER) --name demo-secure --mutual-tls exec -- Examples/Shop/demo.sh --secure

demo-chaos: setup ## See what becomes of orders while services and the broker are killed and frozen
	@$(SWIFT) build --package-path Examples --product Shop
	@$(BROKER) --name demo-chaos exec -- Examples/Shop/chaos.sh

test: setup ## Run the tests, those against a throw-away RabbitMQ too
	@$(SWIFT) build --build-tests
	@$(BROKER) --name test --tls --management exec -- env $(RUN_TESTS) $(or $(TEST),--skip '$(WEARING)')

test-faults: ## Run the tests that break links and kill brokers (minutes, on a machine that has nothing else to do)
	@$(MAKE) test TEST="--filter '$(WEARING)'"

stairway: setup ## Cut the link behind every byte of what a bus says and hears (minutes)
	@$(MAKE) test MIMI_STAIRWAY=all TEST='--filter ByteStairwayTests'

leaks: setup ## Look for slow leaks: a thousand reconnects, a million messages (an hour)
	@$(MAKE) test MIMI_LEAKS=$(or $(MIMI_LEAKS),all) TEST='--filter LeakTests'

deadlines: setup ## Make ten thousand calls over each kind of broken link (minutes)
	@$(MAKE) test MIMI_DEADLINE_CALLS=10000 MIMI_QUERIES=100000 MIMI_MEASURE=1 \
		TEST='--filter DeadlineTests --filter HarmedBrokerTests --filter QueryIntegrityTests'

# Planted faults show by time running out, which says nothing where everything takes ten times as long.
UNDER_SANITIZER := --skip PlantedFaultTests

# How many seeds, and the first of them. PRINT=1 writes out what happens in each.
SEEDS ?= 1000
SEED ?= 1

simulate: setup ## Run the adapter against a simulated broker, network and time: make simulate SEEDS=1000 SEED=1
	@$(SWIFT) build --configuration release --product Simulation
	@Scripts/simulate $(SEEDS) $(SEED) $(if $(PRINT),--print)

simulate-planted: setup ## Prove that the simulation finds planted mistakes
	@SWIFT='$(SWIFT)' Scripts/simulate-planted

sanitize: sanitize-thread sanitize-address ## Run the tests under the thread and the address sanitizer

sanitize-thread: setup ## Run the tests under the thread sanitizer
	@$(SWIFT) build --build-tests --sanitize thread --scratch-path .build/thread
	@$(BROKER) --name thread --tls --management exec -- env TSAN_OPTIONS=halt_on_error=1:suppressions=$(CURDIR)/Scripts/lib/threads.supp \
		$(RUN_TESTS) --sanitize thread --scratch-path .build/thread $(UNDER_SANITIZER) $(or $(TEST),--skip '$(WEARING)')

# Leaks are looked for where the toolchain can: not on macOS.
LEAKS ?= $(if $(filter Darwin,$(shell uname)),0,1)

sanitize-address: setup ## Run the tests under the address sanitizer, and look for leaks
	@$(SWIFT) build --build-tests --sanitize address --scratch-path .build/address
	@$(BROKER) --name address --tls --management exec -- env \
		ASAN_OPTIONS=detect_leaks=$(LEAKS) \
		LSAN_OPTIONS=suppressions=$(CURDIR)/Scripts/lib/leaks.supp:print_suppressions=0 \
		$(RUN_TESTS) --sanitize address --scratch-path .build/address $(UNDER_SANITIZER) \
		$(or $(TEST),--skip '$(WEARING)')

# How long the ledger test goes on, which faults and messages it draws, and whether there are three nodes of a cluster.
ledger soak: MINUTES ?= 3
SEED ?= 1
LEDGER = $(BROKER) --name ledger exec -- $(or $(MIMI_PYTHON),.build/python/bin/python3) Tests/Ledger/ledger

ledger: ## Let everything go wrong for three minutes, and prove that nothing is lost
	@Scripts/setup --with-pika
	@$(SWIFT) build --configuration release --product Ledger
	@$(LEDGER) --seed $(SEED) --minutes $(MINUTES) $(if $(filter 1,$(CLUSTER)),--nodes 3)

soak: ledger ## The same for longer: make soak MINUTES=60 SEED=7, with CLUSTER=1 on three nodes

ledger-can-fail: ## Prove that the ledger test finds ten planted bugs
	@Scripts/setup --with-pika
	@SWIFT='$(SWIFT)' Tests/Ledger/can-fail

ledger-patch: ## Check that the planted bugs can still be planted
	@Tests/Ledger/can-fail --check

fuzz: MINUTES ?= 1
TARGET ?=

fuzz: setup ## Run the fuzzers for MINUTES each, or the one named TARGET
	@MIMI_FUZZ=1 $(SWIFT) build -c release --product Fuzz --scratch-path .build/fuzz \
		-Xswiftc -enable-testing -Xswiftc -sanitize=fuzzer,address
	@Scripts/fuzz .build/fuzz/release/Fuzz $(MINUTES) $(TARGET)

examples: setup ## Run every example, compare what it prints; test what the documentation shows
	@$(SWIFT) build --package-path Examples --build-tests
	@$(SWIFT) build --product mimi
	@$(BROKER) --name examples exec -- Scripts/examples
	@$(SWIFT) test --package-path Examples --disable-xctest --skip-build

example-health: setup ## Build and try the example with an HTTP server, which takes some minutes
	@$(SWIFT) build --package-path Examples/HealthProbe
	@Examples/HealthProbe/check.sh
# How `make bench` measures: make bench QUICK=1, ALONE=1, or BENCH='--only W1,W3 --rounds 3'.
QUICK ?=
ALONE ?=
BENCH ?=

bench: setup ## Measure beside other clients, against a throw-away RabbitMQ; QUICK=1 takes minutes, ALONE=1 no broker
	@$(SWIFT) build --package-path Benchmarks --configuration release
	@$(if $(ALONE),,$(BROKER) --name bench exec --) \
		python3 Benchmarks/Driver/bench.py $(if $(QUICK),--quick) $(if $(ALONE),--alone) $(BENCH)

bench-check: ## Compare the instruction counts of the hot path with those written down
	@Scripts/setup --with-valgrind
	@$(SWIFT) build --configuration release --product InProcess
	@SWIFT='$(SWIFT)' Benchmarks/check

test-scripts: ## Prove that Scripts/broker keeps its promises
	@Scripts/test-broker

format: ## Format the Swift sources
	@$(SWIFT) format --in-place --parallel --recursive $(FORMATTED)

lint: ## Check format, layers, scripts, the code in the documentation, and that planted bugs still apply
	@$(SWIFT) format lint --strict --parallel --recursive $(FORMATTED)
	@Scripts/check-layers
	@Scripts/check-snippets
	@if command -v python3 >/dev/null; then \
		PYTHONPYCACHEPREFIX='$(CURDIR)/.build/pycache' python3 -m py_compile Examples/Python/*.py; fi
	@Tests/Ledger/can-fail --check
	@Scripts/simulate-planted --check
	@if command -v shellcheck >/dev/null; then shellcheck -x $$(Scripts/shell-scripts); fi

docs: setup ## Build the documentation into .build/docs
	@SWIFT='$(SWIFT)' Scripts/docs

check-api: setup ## See whether the public API has broken since the last release
	@SWIFT='$(SWIFT)' Scripts/check-api

clean: ## Stop the brokers and remove everything that was built
	@$(BROKER) stop --all
	@rm -rf .build Examples/.build Examples/HealthProbe/.build Benchmarks/.build
