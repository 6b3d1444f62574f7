# SPDX-License-Identifier: Apache-2.0
"""Draws small charts as SVG, with nothing but strings."""

from html import escape

WIDTH, HEIGHT = 420, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 62, 44, 44
COLOURS = {"bytes": "#0b6e4f", "cpu": "#b3541e"}


def page(title, panels):
    """Panels side by side under one title."""
    width = WIDTH * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 30}" width="{width}" '
        f'height="{HEIGHT + 30}" font-family="sans-serif" font-size="11">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{HEIGHT + 30}" fill="#ffffff"/>']
    for index, one in enumerate(panels):
        parts.append(f'<g transform="translate({index * WIDTH},0)">{one}</g>')
    parts += [legend(width / 2 - 90, "bytes", "MB of index (left)"), legend(width / 2 + 40, "cpu", "CPU s (right)")]
    return "\n".join(parts + ["</svg>", ""])


def legend(x, name, text):
    y = HEIGHT + 14
    return (f'<line x1="{x:.0f}" y1="{y}" x2="{x + 20:.0f}" y2="{y}" stroke="{COLOURS[name]}" stroke-width="2"/>'
            f'<text x="{x + 25:.0f}" y="{y + 4}">{text}</text>')


def panel(title, unit, points):
    """Points are (count, megabytes, CPU seconds); both lines begin at nothing."""
    most = max(count for count, _, _ in points)
    size, cpu = nice(max(size for _, size, _ in points)), nice(max(cpu for _, _, cpu in points))
    parts = [f'<text x="{WIDTH / 2}" y="20" text-anchor="middle" font-size="13">{escape(title)}</text>']
    for step in range(5):
        share = step / 4
        y = place_y(share, 1)
        parts += [
            f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#dddddd"/>',
            text(LEFT - 6, y + 4, "end", size * share, COLOURS["bytes"]),
            text(WIDTH - RIGHT + 6, y + 4, "start", cpu * share, COLOURS["cpu"])]
    for count in sorted({round(most * share / 5) for share in range(6)}):
        parts.append(text(place_x(count, most), HEIGHT - BOTTOM + 16, "middle", count, "#333333"))
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(unit)}</text>')
    parts.append(line([(place_x(count, most), place_y(value, size)) for count, value, _ in points], "bytes"))
    parts.append(line([(place_x(count, most), place_y(value, cpu)) for count, _, value in points], "cpu"))
    return "\n".join(parts)


def line(points, name):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{COLOURS[name]}"/>' for x, y in points[1:])
    return f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>{dots}'


def text(x, y, anchor, value, colour):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{value:,.{0 if value >= 10 or value == int(value) else 1}f}</text>'


def place_x(count, most):
    return LEFT + (WIDTH - LEFT - RIGHT) * count / most


def place_y(value, most):
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / most


def nice(value):
    """The next round number, of which a quarter is round too."""
    scale = 1
    while scale * 10 <= value:
        scale *= 10
    while scale > value:
        scale /= 10
    return next(step * scale for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if step * scale >= value)
