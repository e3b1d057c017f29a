# A copy of the package, to plant mistakes in. Sourced by those who do.
# shellcheck shell=sh

# copy_package FOLDER: what the package is made of, with its dates, so that what is built already need not be built again.
copy_package() {
    mkdir -p "$1"
    rm -rf "$1/Sources" "$1/Tests" "$1/Benchmarks"
    git ls-files -z --cached --others --exclude-standard -- Package.swift Sources Tests Benchmarks |
        tar --null -T - -cf - | tar -xf - -C "$1"
}
