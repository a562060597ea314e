"""Curves of a growing index, as an SVG without any library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 320, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 30, 28
_COLOURS = ("#1f5fa8", "#b3541e", "#2f7d4f")


@dataclass(frozen=True, slots=True)
class Panel:
    """One diagram: what it shows, and the keys of its curves with their labels."""

    title: str
    curves: Mapping[str, str]


def draw(rows: Sequence[Mapping[str, float]], panels: Sequence[Panel], *, x: str) -> str:
    """Draw panels side by side; ``x`` is the key of the axis they share, in powers of ten."""
    drawn = "".join(
        f'<g transform="translate({number * _WIDTH},0)">{_panel(rows, panel, x)}</g>'
        for number, panel in enumerate(panels)
    )
    size = f'width="{_WIDTH * len(panels)}" height="{_HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="10">'
        f'<rect width="100%" height="100%" fill="#fff"/>{drawn}</svg>\n'
    )


def _panel(rows: Sequence[Mapping[str, float]], panel: Panel, x: str) -> str:
    most = max((row[key] for row in rows for key in panel.curves), default=0) or 1
    places = [_across(row[x], rows, x) for row in rows]
    parts = [_text(_LEFT, 14, panel.title, bold=True)]
    for share in (0, 0.5, 1):
        level = _down(share)
        parts.append(f'<path d="M{_LEFT} {level}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        parts.append(_text(_LEFT - 4, level + 3, f"{most * share:,.4g}", anchor="end"))
    for place, row in zip(places, rows, strict=True):
        parts.append(_text(place, _HEIGHT - 12, f"{row[x]:,.0f}", anchor="middle"))
    for number, (key, label) in enumerate(panel.curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = [(p, _down(row[key] / most)) for p, row in zip(places, rows, strict=True)]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.5" fill="{colour}"/>' for a, b in points]
        parts.append(_text(_LEFT + 90 * number, 26, label, colour=colour))
    return "".join(parts)


def _across(value: float, rows: Sequence[Mapping[str, float]], x: str) -> float:
    low, high = (math.log10(limit) for limit in (rows[0][x], rows[-1][x]))
    share = (math.log10(value) - low) / (high - low) if high > low else 0.5
    return _LEFT + 12 + share * (_WIDTH - _LEFT - _RIGHT - 36)


def _down(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    colour: str = "#333",
    bold: bool = False,
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{colour}"{weight}>'
        f"{escape(text)}</text>"
    )
