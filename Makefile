# `make help` lists the targets. Written for GNU make 3.81, which macOS ships.

SWIFT ?= swift
BROKER := Scripts/broker
FORMATTED := Package.swift Sources Tests $(wildcard Examples Benchmarks)

# Arguments for every `swift test` here, for example: make test TEST='--filter Recovery'
TEST ?=

# Our tests use Swift Testing only. With a broker of our own at hand, a test that finds none has failed.
RUN_TESTS := MIMI_REQUIRE_BROKER=1 $(SWIFT) test --disable-xctest --skip-build

# The Python that `Scripts/setup --with-pika` prepares; without it the interoperability test says that it is skipped.
ifneq ($(wildcard .build/python/bin/python3),)
export MIMI_PYTHON := $(CURDIR)/.build/python/bin/python3
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo test sanitize sanitize-thread sanitize-address examples bench bench-check test-scripts format \
	lint docs clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | while IFS='	' read -r name what; do \
		printf '  make %-17s %s\n' "$$name" "$$what"; done

setup: ## Install what is missing: librabbitmq, OpenSSL, a broker
	@Scripts/setup

demo: setup ## See three services talk over a throw-away RabbitMQ
	@$(SWIFT) build --package-path Examples --product Shop
	@$(BROKER) --name demo exec -- Examples/Shop/demo.sh

test: setup ## Run every test, those against a throw-away RabbitMQ too
	@$(SWIFT) build --build-tests
	@$(BROKER) --name test --tls exec -- env $(RUN_TESTS) $(TEST)

# Planted faults show by time running out, which says nothing where everything takes ten times as long.
UNDER_SANITIZER := --skip PlantedFaultTests

sanitize: sanitize-thread sanitize-address ## Run every test under the thread and the address sanitizer

sanitize-thread: setup ## Run every test under the thread sanitizer
	@$(SWIFT) build --build-tests --sanitize thread --scratch-path .build/thread
	@$(BROKER) --name thread --tls exec -- env TSAN_OPTIONS=halt_on_error=1 \
		$(RUN_TESTS) --sanitize thread --scratch-path .build/thread $(UNDER_SANITIZER) $(TEST)

# Leaks are looked for where the toolchain can: not on macOS.
LEAKS ?= $(if $(filter Darwin,$(shell uname)),0,1)

sanitize-address: setup ## Run every test under the address sanitizer, leaks included
	@$(SWIFT) build --build-tests --sanitize address --scratch-path .build/address
	@$(BROKER) --name address --tls exec -- env \
		ASAN_OPTIONS=detect_leaks=$(LEAKS) \
		LSAN_OPTIONS=suppressions=Scripts/lib/leaks.supp:print_suppressions=0 \
		$(RUN_TESTS) --sanitize address --scratch-path .build/address $(UNDER_SANITIZER) $(TEST)

examples: setup ## Run every example, compare what it prints; test what the documentation shows
	@$(SWIFT) build --package-path Examples --build-tests
	@$(BROKER) --name examples exec -- Scripts/examples
	@$(SWIFT) test --package-path Examples --disable-xctest --skip-build

# How `make bench` measures: make bench QUICK=1, ALONE=1, or BENCH='--only W1,W3 --rounds 3'.
QUICK ?=
ALONE ?=
BENCH ?=

bench: setup ## Measure beside other clients, against a throw-away RabbitMQ; QUICK=1 takes minutes, ALONE=1 no broker
	@$(SWIFT) build --package-path Benchmarks --configuration release
	@$(if $(ALONE),,$(BROKER) --name bench exec --) \
		python3 Benchmarks/Driver/bench.py $(if $(QUICK),--quick) $(if $(ALONE),--alone) $(BENCH)

bench-check: setup ## Compare the instruction counts of the hot path with those written down
	@$(SWIFT) build --configuration release --product InProcess
	@SWIFT='$(SWIFT)' Benchmarks/check

test-scripts: ## Prove that Scripts/broker keeps its promises
	@Scripts/test-broker

format: ## Format the Swift sources
	@$(SWIFT) format --in-place --parallel --recursive $(FORMATTED)

lint: ## Check format, layers, shell scripts and the code in the documentation
	@$(SWIFT) format lint --strict --parallel --recursive $(FORMATTED)
	@Scripts/check-layers
	@Scripts/check-snippets
	@if command -v shellcheck >/dev/null; then shellcheck -x $$(Scripts/shell-scripts); fi

docs: setup ## Build the documentation into .build/docs
	@SWIFT='$(SWIFT)' Scripts/docs

clean: ## Stop the brokers and remove everything that was built
	@$(BROKER) stop --all
	@rm -rf .build Examples/.build Benchmarks/.build
