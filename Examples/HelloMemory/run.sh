#!/bin/sh
# Runs the example. It is built already: swift build --package-path Examples
set -eu
cd "$(dirname "$0")/.."
exec .build/debug/HelloMemory
