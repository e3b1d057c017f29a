"""A chart for the documentation: CPU per message of every program, as a ratio to the baseline."""

import statistics
from html import escape

import goals
import workloads

BAR, GAP, LEFT, WIDTH = 14, 26, 110, 640
COLORS = {"lib": "#8a8a8a", "mimi": "#1f7a4d", "mimi batch": "#5bb98b"}
LONGEST = 6.0


def draw(samples):
    titles = {workload.name: workload.title for workload in workloads.WORKLOADS}
    bars, y = [], 30
    for workload, programs in samples.items():
        if "lib" not in programs:
            continue
        title = f"{workload}: {titles[workload]}"
        bars.append(f'<text x="8" y="{y + 11}" font-weight="bold">{escape(title)}</text>')
        y += BAR + 2
        for name in sorted(programs, key=lambda name: (name not in COLORS, name)):
            pairs = zip(programs[name], programs["lib"])
            ratio = statistics.median(goals.cpu(own) / goals.cpu(base) for own, base in pairs)
            width = min(ratio, LONGEST) / LONGEST * (WIDTH - LEFT - 60)
            cut = "…" if ratio > LONGEST else ""
            bars.append(f'<text x="{LEFT - 8}" y="{y + 11}" text-anchor="end">{escape(name)}</text>')
            bars.append(f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR - 2}" fill="{COLORS.get(name, "#c8843a")}"/>')
            bars.append(f'<text x="{LEFT + width + 5:.1f}" y="{y + 11}">{ratio:.2f}{cut}</text>')
            y += BAR
        y += GAP - BAR
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" '
        'font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="white"/>\n'
        '<text x="8" y="16">CPU per message, ratio to the C program on librabbitmq (less is better)</text>\n'
    )
    return head + "\n".join(bars) + "\n</svg>\n"
