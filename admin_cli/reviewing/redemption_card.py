"""The card that an approver looks at: one redemption, the rider's points before and after, the limit, the stock, and
what the rider redeemed lately. Behind it a page with where the points came from. Nothing scrolls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from admin_cli.language import t
from admin_cli.printing.columns import change, code, moment, number, text, word
from admin_cli.printing.tables import table_lines
from admin_cli.printing.text import visible, wrap
from admin_cli.printing.times import short_time
from admin_cli.printing.words import COLOURS, ITEM_KINDS, KINDS, PERIODS, REDEMPTION_STATES, RIDER_STATES
from admin_cli.reviewing.lines import LABEL_WIDTH, TABLE_LINES_MIN, View, labelled, promised, table_part

LOW_STOCK = 5
"""Units left on the shelf from which on the number is coloured."""

LINES_OF_DESCRIPTION_MAX = 3

RECENT_COLUMNS = [
    code("code", t("兑换单", "Redemption")),
    text("item_name", t("商品", "Item"), rank=2),
    number("points", t("积分", "Points")),
    word("state", t("状态", "State"), REDEMPTION_STATES),
    moment("requested_at", t("申请时间", "Requested"), rank=2),
    text("reason", t("理由", "Reason"), rank=6),
]

CHANGE_COLUMNS = [
    moment("effective_at", t("时间", "Time"), rank=1),
    word("kind", t("事由", "Kind"), KINDS),
    change("change", t("变动", "Change")),
    number("balance_after", t("余额", "Balance")),
    text("memo", t("说明", "Memo"), rank=2),
    code("lapses_on", t("到期日", "Lapses on"), rank=4),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is shown of a redemption and beside it. `obstacle`: why this person cannot approve it; nothing if they can.

    None of `rider`, `standing` or `recent`: it could not be read, which must not stop the decision.
    """

    redemption: Mapping[str, Any]
    balances: Mapping[str, int]
    limit: Mapping[str, Any] | None
    stock: Mapping[str, Any] | None
    rider: Mapping[str, Any] | None
    standing: Mapping[str, Any] | None
    recent: Sequence[Mapping[str, Any]] | None
    obstacle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is behind the card. None: it could not be read."""

    item: Mapping[str, Any] | None
    balance: Mapping[str, Any] | None
    statement: Sequence[Mapping[str, Any]] | None


def redemption_lines(evidence: Evidence, view: View) -> list[Text]:
    """At most `view.height` lines of at most `view.width` cells."""
    redemption, width = evidence.redemption, view.width
    fixed = [
        _item(redemption, width),
        _asked(redemption, view),
        _rider(evidence, width),
        _record(evidence, width),
        _points(evidence, width),
        _limit(evidence, width),
        _stock(evidence, width),
        _approvals(redemption, view),
    ]
    if evidence.obstacle:
        lines = wrap(evidence.obstacle, width - LABEL_WIDTH)
        fixed += [
            labelled("" if place else t("注意", "Note"), Text(line, style="yellow"), width)
            for place, line in enumerate(lines)
        ]
    left = view.height - len(fixed) - 1
    if left < TABLE_LINES_MIN:
        return fixed[: view.height]
    return [*fixed, Text(), *table_part(_recent(evidence, view), left, _more)]


def details_lines(details: Details, view: View) -> list[Text]:
    """What the item is, when the rider's points lapse, and where they came from."""
    fixed = [*_description(details.item, view.width), _lots(details.balance, view.width)]
    if not details.statement:
        nothing = t("明细读不到。", "The statement could not be read.")
        return [*fixed, Text(), Text(nothing, style="dim")][: view.height]
    rows, _ = table_lines(CHANGE_COLUMNS, details.statement, view.zone, view.width)
    return [*fixed, Text(), *table_part(rows, max(TABLE_LINES_MIN, view.height - len(fixed) - 1), _more)][: view.height]


def _more(count: int) -> str:
    return t(f"还有 {count} 条（加高窗口可见）", f"{count} more (use a taller window)")


def _item(redemption: Mapping[str, Any], width: int) -> Text:
    kind = str(redemption.get("kind") or "")
    points = redemption["points"]
    value = Text.assemble(
        (visible(str(redemption["sku"])), "bold"),
        " ",
        (visible(str(redemption.get("item_name") or "")), "bold"),
        f" · {ITEM_KINDS.get(kind) or visible(kind)} · ",
        (t(f"{points:,} 分", f"{points:,} points"), "bold green"),
    )
    if kind == "donation":
        value.append(t("（批准后不能退回）", " (cannot be undone once approved)"), style="yellow")
    return labelled(t("商品", "Item"), value, width)


def _asked(redemption: Mapping[str, Any], view: View) -> Text:
    at = short_time(str(redemption["requested_at"]), view.zone)
    by = visible(str(redemption["requested_by"]))
    if by == f"rider/{redemption['rider_code']}":
        value = Text(t(f"{at} 骑手申请", f"{at} by the rider"))
    else:
        value = Text(t(f"{at} {by} 代申请", f"{at} by {by}"))
    return labelled(t("申请", "Asked"), value.append(promised(redemption.get("decide_due_at"), view)), view.width)


def _rider(evidence: Evidence, width: int) -> Text:
    value = Text(visible(str(evidence.redemption["rider_code"])), style="bold")
    rider = evidence.rider
    if rider is None:
        value.append(t(" （资料读不到）", " (data could not be read)"), style="dim")
        return labelled(t("骑手", "Rider"), value, width)
    for name in ("name", "industry_name", "subdistrict"):
        if rider.get(name):
            value.append(f" · {visible(str(rider[name]))}", style="not bold")
    status = str(rider.get("status") or "active")
    if status != "active":
        value.append(" · ").append(RIDER_STATES.get(status) or visible(status), style=COLOURS.get(status, ""))
    return labelled(t("骑手", "Rider"), value, width)


def _record(evidence: Evidence, width: int) -> Text:
    """The latest month with a rank, and the titles."""
    value = Text()
    if standing := evidence.standing:
        month, merit, rank = visible(str(standing["month"])), standing["merit"], standing["rank"]
        value.append(t(f"{month} 贡献 {merit:,} 分，第 {rank:,} 名", f"{merit:,} merit in {month}, rank {rank:,}"))
    for title in (evidence.rider or {}).get("titles") or []:
        value.append(" · " if value else "").append(visible(str(title)), style="magenta")
    if not value:
        value.append("–", style="dim")
    return labelled(t("表现", "Record"), value, width)


def _points(evidence: Evidence, width: int) -> Text:
    """While the redemption is open its points are held: what is available now is what is left when it is approved."""
    points, balances = evidence.redemption["points"], evidence.balances
    after, others, owed = balances["available"], balances["held"] - points, balances["owed"]
    value = Text(t(f"申请前 {after + points:,} → 批准后 ", f"{after + points:,} before → "))
    value.append(f"{after:,}", style="bold").append(t("", " if approved"))
    if others > 0:
        value.append(t(f" · 另占用 {others:,}", f" · {others:,} held for others"))
    if owed:
        value.append(" · ").append(t(f"欠 {owed:,}", f"owes {owed:,}"), style="red")
    return labelled(t("积分", "Points"), value, width)


def _limit(evidence: Evidence, width: int) -> Text:
    limit = evidence.limit
    if limit is None:
        return labelled(t("限兑", "Limit"), Text(t("不限", "none"), style="dim"), width)
    period = PERIODS.get(limit["period"]) or visible(str(limit["period"]))
    used, count = limit["used"], limit["count"]
    value = Text(t(f"{period} {count:,} 次，连这次已用 ", f"{count:,} {period}; with this one "))
    value.append(f"{used:,}", style="yellow" if used >= count else "bold").append(t(" 次", " used"))
    return labelled(t("限兑", "Limit"), value, width)


def _stock(evidence: Evidence, width: int) -> Text:
    stock = evidence.stock
    if stock is None:
        return labelled(t("库存", "Stock"), Text(t("不计库存", "not counted"), style="dim"), width)
    value = Text(f"{visible(str(stock['name']))} ({visible(str(stock['code']))})")
    value.append(t("：还剩 ", ": ")).append(
        f"{stock['shelf']:,}", style="red" if stock["shelf"] <= LOW_STOCK else "bold"
    )
    reserved = stock["reserved"]
    value.append(t(f" 件，预留 {reserved:,}（含这件）", f" left, {reserved:,} reserved (this one among them)"))
    return labelled(t("库存", "Stock"), value, width)


def _approvals(redemption: Mapping[str, Any], view: View) -> Text:
    given, needed = redemption.get("approvals") or [], int(redemption.get("approvals_required") or 0)
    wanted = t(f"要 {needed} 人", f"{needed} approvals" if needed > 1 else "1 approval")
    value = Text(wanted + t(f"，已批 {len(given)} 人", f", {len(given)} given"), style="bold")
    for approval in given:
        by, at = visible(str(approval["approved_by"])), short_time(str(approval["approved_at"]), view.zone)
        value.append(f" · {by} {at}", style="not bold")
    return labelled(t("审批", "Needs"), value, view.width)


def _recent(evidence: Evidence, view: View) -> list[Text]:
    if evidence.recent is None:
        return [Text(t("以前的兑换读不到。", "Earlier redemptions could not be read."), style="dim")]
    if not evidence.recent:
        return [Text(t("这是第一次兑换。", "The rider's first redemption."), style="dim")]
    return table_lines(RECENT_COLUMNS, evidence.recent, view.zone, view.width)[0]


def _description(item: Mapping[str, Any] | None, width: int) -> list[Text]:
    words = visible(str((item or {}).get("description") or ""))
    if not words:
        return []
    lines = wrap(words, width - LABEL_WIDTH)[:LINES_OF_DESCRIPTION_MAX]
    return [labelled("" if place else t("商品", "Item"), Text(line), width) for place, line in enumerate(lines)]


def _lots(balance: Mapping[str, Any] | None, width: int) -> Text:
    """The points by the day on which they lapse."""
    lots = (balance or {}).get("lots") or []
    words = [
        t(
            f"{lot['available'] + lot['held']:,}（{lot['lapses_on']} 到期）",
            f"{lot['available'] + lot['held']:,} until {lot['lapses_on']}",
        )
        for lot in lots
    ]
    return labelled(t("批次", "Lots"), Text(t("，", ", ").join(words) or "–"), width)
