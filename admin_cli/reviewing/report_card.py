"""The card that a reviewer looks at: one report with its evidence, as lines that fit the screen.

The height is shared out by importance: what the report says comes first, then its description, then as many neighbours
as there is room for. Nothing scrolls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from rich.style import Style
from rich.text import Text

from admin_cli.language import t
from admin_cli.printing.columns import code, flag, number, text, word
from admin_cli.printing.tables import table_lines
from admin_cli.printing.text import ELLIPSIS, fit, visible, width_of, wrap
from admin_cli.printing.times import short_time
from admin_cli.printing.words import COLOURS, GRADES, REPORT_STATES
from admin_cli.reviewing.geo import geo_uri
from admin_cli.reviewing.lines import LABEL_WIDTH, TABLE_LINES_MIN, View, labelled, promised, table_part

LINES_OF_DESCRIPTION_MAX = 4

NEIGHBOUR_COLUMNS = [
    number("place", "#"),
    number("distance_m", t("距离 m", "Metres")),
    number("hours_before", t("早 h", "Hours before")),
    flag("is_same_category", t("同类", "Same"), rank=1),
    code("report.code", t("编号", "Report")),
    word("report.state", t("状态", "State"), REPORT_STATES),
    text("report.category_name", t("类别", "Category"), rank=2),
    code("report.rider_code", t("骑手", "Rider"), rank=3),
    text("report.address", t("地址", "Address"), rank=4),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is shown beside the report. None: it could not be read, which must not stop the review."""

    neighbours: Sequence[Mapping[str, Any]] | None
    rider: Mapping[str, Any] | None
    recent_states: Mapping[str, int] | None
    points: int | None
    suggestions: Sequence[Mapping[str, Any]] = ()


def report_lines(report: Mapping[str, Any], evidence: Evidence, view: View) -> list[Text]:
    """At most `view.height` lines of at most `view.width` cells."""
    zone, width, height, has_links = view.zone, view.width, view.height, view.has_links
    fixed = [
        _category(report, evidence, width),
        _due(report, view),
        _rider(report, evidence, width),
        _record(evidence, width),
        *_place(report, width, has_links=has_links),
        *_photo(report, zone, width, has_links=has_links),
        *_hazard(evidence, width),
    ]
    neighbours = _neighbours(evidence, zone, width)
    room = max(1, height - len(fixed) - min(len(neighbours), TABLE_LINES_MIN) - 1)
    fixed += _description(report, width, min(room, LINES_OF_DESCRIPTION_MAX))
    left = height - len(fixed) - 1
    if left < 2:
        return fixed[:height]
    shown = table_part(
        neighbours,
        left,
        lambda more: t(f"附近还有 {more} 条（加高窗口可见）", f"{more} more nearby (use a taller window)"),
    )
    return [*fixed, Text(), *shown]


def _category(report: Mapping[str, Any], evidence: Evidence, width: int) -> Text:
    grade = str(report.get("grade") or "")
    points = t(f"{evidence.points} 分", f"{evidence.points} points") if evidence.points is not None else "–"
    value = Text.assemble(
        (visible(str(report["category_code"])), "bold"),
        " ",
        (visible(str(report.get("category_name") or "")), "bold"),
        " · ",
        (GRADES.get(grade) or visible(grade), COLOURS.get(grade, "")),
        " · ",
        (points, "bold green"),
    )
    return labelled(t("类别", "What"), value, width)


def _due(report: Mapping[str, Any], view: View) -> Text:
    submitted = short_time(str(report["submitted_at"]), view.zone)
    value = Text(t(f"{submitted} 上报", f"submitted {submitted}"))
    return labelled(t("时限", "When"), value.append(promised(report.get("review_due_at"), view)), view.width)


def _rider(report: Mapping[str, Any], evidence: Evidence, width: int) -> Text:
    value = Text(visible(str(report["rider_code"])), style="bold")
    if evidence.rider is None:
        value.append(t(" （资料读不到）", " (data could not be read)"), style="dim")
    else:
        for name in ("name", "industry_name", "subdistrict"):
            if evidence.rider.get(name):
                value.append(f" · {visible(str(evidence.rider[name]))}", style="")
    return labelled(t("骑手", "Rider"), value, width)


def _record(evidence: Evidence, width: int) -> Text:
    if evidence.recent_states is None:
        return labelled(t("记录", "Record"), Text("–", style="dim"), width)
    total = sum(evidence.recent_states.values())
    value = Text(t(f"最近 {total} 条", f"last {total}"), style="dim")
    for state, count in evidence.recent_states.items():
        if count:
            value.append(" · ").append(f"{REPORT_STATES[state]} {count}", style=COLOURS[state])
    if total == 0:
        value = Text(t("第一次上报", "first report"), style="dim")
    return labelled(t("记录", "Record"), value, width)


def _hazard(evidence: Evidence, width: int) -> list[Text]:
    """The nearest incident that the report may belong to, and what it would get there."""
    if not evidence.suggestions:
        return []
    found = evidence.suggestions[0]
    hours = float(found["hours_apart"])
    when = t(f"早 {hours} h", f"{hours} h before") if hours >= 0 else t(f"晚 {-hours} h", f"{-hours} h after")
    value = Text(t(f"或与 {found['nearest']} 同一处", f"maybe that of {found['nearest']}"), style="bold yellow")
    value.append(f" · {found['distance_m']} m · {when} · ", style="")
    if found["is_own"]:
        value.append(t("本人已报过，请按 d", "the rider's own: press d"), style="")
    else:
        number, points = found["number"], found["points"]
        value.append(t(f"第 {number} 位，{points} 分（按 h）", f"no. {number}, {points} points (press h)"), style="")
    more = len(evidence.suggestions) - 1
    if more:
        value.append(t(f" · 另有 {more} 起", f" · {more} more"), style="dim")
    return [labelled(t("隐患", "Hazard"), value, width)]


def _place(report: Mapping[str, Any], width: int, *, has_links: bool) -> list[Text]:
    address = " · ".join(visible(str(report[name])) for name in ("address", "subdistrict") if report.get(name))
    lines = [labelled(t("地点", "Where"), Text(address or "–"), width)]
    lat, lon, datum = report.get("lat"), report.get("lon"), str(report.get("datum") or "")
    if lat is None or lon is None:
        return lines
    uri = geo_uri(float(lat), float(lon), datum)
    value = Text(f"{lat}, {lon} {visible(datum)}")
    # Only the URI is worth clicking; plain terminals show the same text.
    value.append(" · ").append(uri, style=Style(link=uri) if has_links else "")
    lines.append(labelled("", value, width))
    return lines


def _photo(report: Mapping[str, Any], zone: ZoneInfo, width: int, *, has_links: bool) -> list[Text]:
    """Only web addresses become links: the text comes from a stranger's phone."""
    url = visible(str(report.get("photo_url") or ""))
    if not url:
        return [labelled(t("照片", "Photo"), Text(t("没有照片", "none"), style="yellow"), width)]
    taken = report.get("photo_taken_at")
    when = t(f"拍于 {short_time(str(taken), zone)}", f"taken {short_time(str(taken), zone)}") if taken else ""
    if has_links and urlsplit(url).scheme in ("http", "https"):
        value = Text.assemble((t("打开照片", "open the photo"), Style(link=url, underline=True)), " ")
        value.append(f"{urlsplit(url).hostname} {when}", style="dim")
        return [labelled(t("照片", "Photo"), value, width)]
    lines = wrap(url, width - LABEL_WIDTH)
    if when and width_of(lines[-1]) + width_of(when) + 2 <= width - LABEL_WIDTH:
        lines[-1] += f"  {when}"
    return [labelled(t("照片", "Photo") if place == 0 else "", Text(line), width) for place, line in enumerate(lines)]


def _description(report: Mapping[str, Any], width: int, count: int) -> list[Text]:
    words = visible(str(report.get("description") or ""), keep_lines=True).strip()
    if not words:
        return [labelled(t("描述", "Words"), Text(t("没有", "none"), style="dim"), width)]
    lines = wrap(words, width - LABEL_WIDTH)
    if len(lines) > count:
        lines = [
            *lines[: count - 1],
            fit(lines[count - 1] + ELLIPSIS * 2, min(width - LABEL_WIDTH, width_of(lines[count - 1]) + 1)),
        ]
    return [labelled(t("描述", "Words") if place == 0 else "", Text(line), width) for place, line in enumerate(lines)]


def _neighbours(evidence: Evidence, zone: ZoneInfo, width: int) -> list[Text]:
    if evidence.neighbours is None:
        return [Text(t("附近的上报读不到。", "What is nearby could not be read."), style="dim")]
    if not evidence.neighbours:
        return [Text(t("附近没有更早的上报。", "No earlier report nearby."), style="dim")]
    rows = [{"place": place, **row} for place, row in enumerate(evidence.neighbours, 1)]
    return table_lines(NEIGHBOUR_COLUMNS, rows, zone, width)[0]
