"""The ledger test: processes that send and process messages, a nemesis, and a checker. `--help` says how to run it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import report
from checker import Checker
from plan import KINDS, make_plan
from run import Run
from workload import Workload

EXIT_VIOLATED = 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="ledger",
        description="Run it by Scripts/broker: Scripts/broker --name ledger exec -- python3 Tests/Ledger/ledger")
    add = parser.add_argument
    add("--program", default=".build/release/Ledger", help="the processes: PROGRAM produce, PROGRAM consume")
    add("--minutes", type=float, default=3, help="how long faults go on (default: 3)")
    add("--seed", type=int, default=1, help="decides faults and messages (default: 1)")
    add("--nodes", type=int, default=1, help="of a cluster, with the broker of Scripts/broker (default: 1)")
    add("--faults", help=f"only these, with commas; \"none\" for none. All are: {', '.join(KINDS)}")
    add("--producers", type=int, default=3, help="how many (default: 3)")
    add("--consumers", type=int, default=2, help="how many (default: 2)")
    add("--rate", type=int, default=150, help="calls of each producer in a second, at most (default: 150)")
    add("--outstanding", type=int, help="calls under way of each producer (default: by seed, 1 to 256)")
    add("--concurrency", type=int, default=16, help="messages in the works of each processor (default: 16)")
    add("--pause", type=int, default=10, help="how long most handlers take, in ms, at most (default: 10)")
    add("--folder", type=Path, default=Path(".build/ledger"), help="for journals, logs and reports")
    add("--plan", action="store_true", help="only print what would go wrong")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    kinds = None if options.faults is None else [] if options.faults == "none" else options.faults.split(",")
    if unknown := set(kinds or []) - set(KINDS):
        raise SystemExit(f"no such fault: {', '.join(sorted(unknown))}")
    plan = make_plan(options.seed, options.minutes, kinds)
    print(f"Seed {options.seed}, {options.minutes} minutes, {len(plan)} faults are planned:")
    print("\n".join(f"  {fault}" for fault in plan), flush=True)
    if options.plan:
        return 0

    workload = Workload(options.seed, options.producers, options.consumers, options.rate, options.outstanding,
                        options.concurrency, options.pause)
    folder = options.folder / f"seed-{options.seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run = Run(workload, plan, [os.path.abspath(options.program)], folder.absolute(), options.nodes)
    evidence = asyncio.run(run.carry_out(options.minutes))

    verdict = Checker(evidence).check()
    words = report.text(verdict, evidence, workload)
    (folder / "report.txt").write_text(words + "\n")
    (folder / "report.json").write_text(json.dumps(report.as_json(verdict, evidence, workload, plan), indent=1) + "\n")
    print()
    print(words, flush=True)
    return 0 if verdict.is_good else EXIT_VIOLATED


if __name__ == "__main__":
    sys.exit(main())
