#!/bin/sh
# Runs the example, which is its demonstration. It is built already: swift build --package-path Examples
set -eu
exec "$(dirname "$0")/demo.sh"
