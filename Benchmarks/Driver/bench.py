#!/usr/bin/env python3
"""Runs the benchmarks against the broker of MIMI_RABBITMQ_URL: interleaved rounds, medians, a table of goals.

    make bench              five rounds of everything
    make bench QUICK=1      two rounds with fewer messages
    make bench ALONE=1      without a broker: against a stand-in that confirms at once
"""

import argparse
import datetime
import json
import os
import platform
import random
import statistics
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import chart
import goals
import peers
import workloads

TIMEOUT = 600


class Runner:
    def __init__(self, programs, port, factor, is_alone=False):
        self.programs = programs
        self.factor = factor
        self.is_alone = is_alone
        self.environment = {**os.environ, "BENCH_PORT": str(port)}

    def start(self, program, role, settings):
        environment = {**self.environment, **settings, **program.settings}
        return subprocess.Popen([*program.command, role], env=environment, stdout=subprocess.PIPE, text=True)

    def result(self, process, what):
        """The line of JSON that the program prints; a program that fails or hangs ends the benchmark."""
        try:
            output, _ = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            raise SystemExit(f"{what}: not done after {TIMEOUT} s")
        if process.returncode != 0:
            raise SystemExit(f"{what}: exit code {process.returncode}")
        lines = [line for line in output.splitlines() if line.startswith("{")]
        return json.loads(lines[-1]) if lines else {}

    def call(self, name, role, settings):
        return self.result(self.start(self.programs[name], role, settings), f"{name} {role}")

    def declare(self):
        """All peers use the queues as this package declares them."""
        for settings in (
            {"BENCH_QUEUE": "bench.classic"}, {"BENCH_QUEUE": "bench.quorum"}, {"BENCH_QUEUE": "bench.queries"},
            {"BENCH_QUEUE": "bench.listener", "BENCH_TOPIC": "bench.events"},
        ):
            self.call("mimi", "declare", settings)

    def run(self, name, workload):
        program = self.programs[name]
        settings = workload.environment(self.factor * program.share)
        if workload.is_filled:
            # The stand-in delivers one message for ever.
            total = 1 if self.is_alone else int(settings["BENCH_COUNT"]) + int(settings["BENCH_WARMUP"])
            fill = {"BENCH_COUNT": str(total), "BENCH_WARMUP": "0", "BENCH_QUEUE": workload.queue}
            self.call("mimi", "publish", fill)
        other = None
        if workload.other:
            other = self.start(program, workload.other, settings)
            if other.stdout.readline().strip() != "ready":
                raise SystemExit(f"{name}: its other side did not start")
        measured = self.call(name, workload.role, settings)
        if other:
            measured["other"] = self.result(other, f"{name} {workload.other}")
        if workload.role in ("publish", "ask", "process", "service") and not self.is_alone:
            self.call("lib", "purge", {"BENCH_QUEUE": workload.queue})
        return measured


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two rounds, a fifth of the messages")
    parser.add_argument("--alone", action="store_true", help="against a stand-in for the broker")
    parser.add_argument("--rounds", type=int, help="how many rounds (default 5, quick 2)")
    parser.add_argument("--factor", type=float, help="how many of the messages (default 1, quick 0.2)")
    parser.add_argument("--only", default="", help="workloads, with commas; scale and single name the others")
    parser.add_argument("--peers", default="", help="programs, with commas; lib and mimi always run")
    parser.add_argument("--output", type=Path, default=peers.FOLDER / ".build" / "results")
    options = parser.parse_args()
    rounds = options.rounds or (2 if options.quick else 5)
    factor = options.factor or (0.2 if options.quick else 1.0)
    only = set(filter(None, options.only.split(",")))
    chosen = set(filter(None, options.peers.split(",")))

    programs, missing = peers.find()
    if chosen:
        programs = {name: p for name, p in programs.items() if name in chosen or name in ("lib", "mimi", "mimi batch")}
    if options.alone:
        only = (only or set(workloads.ALONE)) & set(workloads.ALONE)
        with peers.stand_in() as port:
            measure(options, rounds, only, Runner(programs, port, factor, is_alone=True), missing)
        return
    address = urlsplit(os.environ.get("MIMI_RABBITMQ_URL", ""))
    if not address.port:
        raise SystemExit("MIMI_RABBITMQ_URL names no broker; `make bench` starts one")
    runner = Runner(programs, address.port, factor)
    runner.declare()
    measure(options, rounds, only, runner, missing)


def measure(options, rounds, only, runner, missing):
    programs, factor = runner.programs, runner.factor

    samples = {}
    for number in range(1, rounds + 1):
        for workload in workloads.WORKLOADS:
            if only and workload.name not in only:
                continue
            names = [name for name in programs if plays(programs[name], name, workload)]
            # In a new order each time, so that nobody always runs behind the same one.
            random.Random(f"{number} {workload.name}").shuffle(names)
            for name in names:
                print(f"round {number} of {rounds}: {workload.name} {name}", file=sys.stderr)
                samples.setdefault(workload.name, {}).setdefault(name, []).append(runner.run(name, workload))
    series = {}
    if not only or "scale" in only:
        for name, number, workload in workloads.scale(options.quick):
            print(f"scale: {name} {number}", file=sys.stderr)
            measured = [runner.run("mimi", workload) for _ in range(min(rounds, 3))]
            series.setdefault(name, {})[number] = sorted(measured, key=goals.cpu)[len(measured) // 2]
    once = {}
    if not only or "single" in only:
        runner.factor = 1.0
        for name, workload in workloads.single(options.quick):
            print(f"once: {name}", file=sys.stderr)
            once[name] = runner.run("mimi", workload)

    results = {
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "system": f"{platform.system()} {platform.machine()}"},
        "rounds": rounds, "factor": factor, "missing": missing, "samples": samples, "scale": series, "once": once,
    }
    output = options.output / ("alone" if runner.is_alone else "broker")
    output.mkdir(parents=True, exist_ok=True)
    (output / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (output / "cpu.svg").write_text(chart.draw(samples))
    table = goals.overview(results) + "\n" + goals.table(results)
    (output / "results.md").write_text(table)
    print(table)
    for peer in missing:
        print(f"left out, not installed here: {peer}")


def plays(program, name, workload):
    if workload.only and name not in workload.only:
        return False
    return not program.roles or workload.name in program.roles


if __name__ == "__main__":
    main()
