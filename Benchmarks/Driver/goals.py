"""The goals, and what was measured of each."""

import statistics


def cpu(sample):
    """CPU per message in microseconds."""
    return sample["user"] + sample["system"]


def middle(values):
    """Median, lowest and highest."""
    values = sorted(values)
    return statistics.median(values), values[0], values[-1]


def rate(sample):
    return sample["rate"]


def p50(sample):
    return sample["p50"]


def other_cpu(sample):
    return cpu(sample["other"])


class Row:
    def __init__(self, what, goal, measured, is_met, unit=""):
        self.what, self.goal, self.measured, self.is_met, self.unit = what, goal, measured, is_met, unit

    def line(self):
        median, low, high = self.measured
        digits = 0 if median >= 100 else 1 if median >= 10 else 2
        text = f"{median:.{digits}f}{self.unit} ({low:.{digits}f} to {high:.{digits}f})"
        return f"| {self.what} | {self.goal} | {text} | {'MET' if self.is_met else 'MISS'} |"


def ratio_rows(samples):
    """Ratios to the baseline, taken round by round."""
    for workload, program, what, value, limit, is_upper in [
        *((name, "mimi", "CPU per message", cpu, 0.65, True) for name in ("W1", "W1q", "W2")),
        *((name, "mimi batch", "CPU per message, batches", cpu, 0.3, True) for name in ("W1", "W1q", "W2")),
        *((name, "mimi", "messages per second", rate, 1.0, False) for name in ("W1", "W1q", "W2")),
        ("W3", "mimi", "CPU per message", cpu, 1.0, True),
        ("W3", "mimi", "messages per second", rate, 1.05, False),
        ("W4a", "mimi", "p50", p50, 1.15, True),
        ("W4a", "mimi", "CPU of the asker", cpu, 1.7, True),
        ("W4a", "mimi", "CPU of the answerer", other_cpu, 1.7, True),
        ("W4b", "mimi", "CPU of the asker", cpu, 1.0, True),
        ("W4b", "mimi", "CPU of the answerer", other_cpu, 1.0, True),
        ("W4b", "mimi", "queries per second", rate, 1.2, False),
        ("W5", "mimi", "p50", p50, 1.1, True),
        ("W5", "mimi", "CPU per message", cpu, 1.8, True),
        ("W6", "mimi", "CPU per message", cpu, 0.8, True),
    ]:
        ours = samples.get(workload, {}).get(program, [])
        baseline = samples.get(workload, {}).get("lib", [])
        if not ours or not baseline:
            continue
        measured = middle([value(own) / value(base) for own, base in zip(ours, baseline)])
        is_met = measured[0] <= limit if is_upper else measured[0] >= limit
        yield Row(f"{workload}: {what}, ratio to `lib`", f"{'≤' if is_upper else '≥'} {limit}", measured, is_met)


def other_rows(results):
    samples, scale, once = results["samples"], results["scale"], results["once"]
    if "W3" in samples and "W7" in samples:
        pairs = zip(samples["W7"]["mimi"], samples["W3"]["mimi"])
        measured = middle([cpu(full) - cpu(plain) for full, plain in pairs])
        yield Row("W7: CPU per message over W3's", "≤ +6 µs", measured, measured[0] <= 6, " µs")
    for name, least in (("tasks", 10), ("queues", 1)):
        costs = [cpu(sample) for number, sample in scale.get(name, {}).items() if int(number) >= least]
        if costs:
            center = (max(costs) + min(costs)) / 2
            spread = (max(costs) - center) / center * 100
            yield Row(f"CPU per message, {least} to {max(map(int, scale[name]))} {name}", "within ±25 %",
                      (spread, spread, spread), spread <= 25, " %")
    if "W1" in samples:
        measured = middle([sample["residentPeak"] / 1024 for sample in samples["W1"]["mimi"]])
        yield Row("resident memory, 500 outstanding", "≤ 40 MB", measured, measured[0] <= 40, " MB")
    if "memory after" in once:
        growth = (once["memory after"]["resident"] / once["memory before"]["resident"] - 1) * 100
        count = once["memory after"]["count"]
        yield Row(f"growth of resident memory, {count:,} messages", "flat (≤ 10 %)", (growth,) * 3, growth <= 10, " %")
    if "idle" in once:
        share = cpu(once["idle"]) / 1e6 * 100
        yield Row("idle with 10 queues, of a core", "< 0.1 %", (share,) * 3, share < 0.1, " %")
        sleeps = once["idle"]["sleeps"] / once["idle"]["seconds"]
        yield Row("idle: wake-ups per second", "only heartbeats (≤ 0.5)", (sleeps,) * 3, sleeps <= 0.5)
    if "start" in once:
        start = once["start"]["p50"] / 1000
        yield Row("`bus.start()`", "≤ 50 ms", (start,) * 3, start <= 50, " ms")


def peer_rows(samples):
    """Against each peer in each workload: less CPU on each side and no lower rate; one row for a peer."""
    names = {name for workload in samples.values() for name in workload} - {"lib", "mimi", "mimi batch"}
    for peer in sorted(names):
        lost, ratios = [], []
        for workload, programs in samples.items():
            if peer not in programs or "mimi" not in programs:
                continue
            pairs = list(zip(programs["mimi"], programs[peer]))
            costs = [cpu(own) / cpu(other) for own, other in pairs]
            if "other" in pairs[0][0]:
                costs = [max(cost, other_cpu(own) / other_cpu(other)) for cost, (own, other) in zip(costs, pairs)]
            rates = [rate(own) / rate(other) for own, other in pairs]
            ratios.append(statistics.median(costs))
            if statistics.median(costs) >= 1:
                lost.append(f"{workload} CPU")
            if statistics.median(rates) < 1:
                lost.append(f"{workload} rate")
        goal = "less CPU, no lower rate" + (f" (not in {', '.join(lost)})" if lost else "")
        yield Row(f"against {peer}: CPU, ratio", goal, middle(ratios), not lost)


def table(results):
    rows = [*ratio_rows(results["samples"]), *other_rows(results), *peer_rows(results["samples"])]
    lines = ["| what | goal | measured: median (spread) | |", "|---|---|---|---|", *(row.line() for row in rows)]
    return "\n".join(lines) + "\n"


def overview(results):
    """CPU, rate and latency of every program in every workload, and the series."""
    lines = ["| workload | program | CPU µs | messages/s | p50 µs | p99 µs | peak MB |", "|---|---|---|---|---|---|---|"]
    for workload, programs in results["samples"].items():
        for name, samples in programs.items():
            cost, pace = middle(map(cpu, samples))[0], middle(map(rate, samples))[0]
            times = [f"{statistics.median(s[key] for s in samples):.0f}" if samples[0].get(key) else "" for key in ("p50", "p99")]
            peak = statistics.median(s["residentPeak"] for s in samples) / 1024
            answered = f" + {statistics.median(map(other_cpu, samples)):.1f}" if "other" in samples[0] else ""
            lines.append(f"| {workload} | {name} | {cost:.1f}{answered} | {pace:,.0f} | {times[0]} | {times[1]} | {peak:.0f} |")
    if results["scale"]:
        lines += ["", "| series | number | CPU µs | messages/s | peak MB |", "|---|---|---|---|---|"]
    for name, numbers in results["scale"].items():
        for number, sample in numbers.items():
            peak = sample["residentPeak"] / 1024
            lines.append(f"| {name} | {number} | {cpu(sample):.1f} | {rate(sample):,.0f} | {peak:.0f} |")
    return "\n".join(lines) + "\n"
