"""The words that a person reads for the API's values, and their colours. A value that is not here reads as it is.

Only tables in a terminal use them: a pipe and `--json` carry the values themselves, whatever the language.
"""

from admin_cli.language import t

Words = dict[str, str]

REPORT_STATES: Words = {
    "submitted": t("待审", "submitted"),
    "verified": t("已核实", "verified"),
    "settled": t("已办结", "settled"),
    "rejected": t("已驳回", "rejected"),
    "duplicate": t("重复", "duplicate"),
    "revoked": t("已撤销", "revoked"),
}

GRADES: Words = {
    "minor": t("轻微", "minor"),
    "ordinary": t("一般", "ordinary"),
    "serious": t("较重", "serious"),
    "urgent": t("紧急", "urgent"),
    "service": t("服务", "service"),
}

LIMITS: Words = {
    "daily_reports": t("当日条数已满", "daily reports"),
    "daily_points": t("当日积分已满", "daily points"),
    "monthly_points": t("当月积分已满", "monthly points"),
}

AWARD_PARTS: Words = {
    "report": t("上报", "report"),
    "settlement": t("办结", "settlement"),
}

SHARES: Words = {
    "full": t("首报全额", "first, in full"),
    "later": t("后报", "later"),
    "none": t("不计分", "none"),
}

RIDER_STATES: Words = {
    "active": t("正常", "active"),
    "suspended": t("已暂停", "suspended"),
    "left": t("已离开", "left"),
}

REDEMPTION_STATES: Words = {
    "requested": t("待审批", "requested"),
    "ready": t("待领取", "ready"),
    "fulfilled": t("已领取", "fulfilled"),
    "rejected": t("已驳回", "rejected"),
    "cancelled": t("已取消", "cancelled"),
    "lapsed": t("逾期未领", "lapsed"),
}

ITEM_KINDS: Words = {
    "goods": t("实物", "goods"),
    "service": t("服务", "service"),
    "voucher": t("卡券", "voucher"),
    "donation": t("捐赠", "donation"),
}

PERIODS: Words = {
    "day": t("每天", "a day"),
    "week": t("每周", "a week"),
    "month": t("每月", "a month"),
    "quarter": t("每季度", "a quarter"),
    "year": t("每年", "a year"),
    "ever": t("总共", "in all"),
}

CHANGES: Words = {
    "created": t("新建", "created"),
    "changed": t("已更改", "changed"),
    "unchanged": t("没有变化", "unchanged"),
}

KINDS: Words = {
    "fund": t("拨付", "fund"),
    "award": t("奖励", "award"),
    "hold": t("占用", "hold"),
    "capture": t("核销", "capture"),
    "release": t("退还", "release"),
    "expire": t("过期", "expire"),
    "reverse": t("冲回", "reverse"),
    "adjust": t("调整", "adjust"),
    "restock": t("入库", "restock"),
    "stocktake": t("盘点", "stocktake"),
}

PURPOSES: Words = {
    "issuance": t("发行", "issuance"),
    "budget": t("预算", "budget"),
    "available": t("可用", "available"),
    "held": t("占用", "held"),
    "owed": t("欠分", "owed"),
    "redeemed": t("已兑换", "redeemed"),
    "expired": t("已过期", "expired"),
    "supply": t("来源", "supply"),
    "shelf": t("在架", "shelf"),
    "reserved": t("预留", "reserved"),
    "delivered": t("已交付", "delivered"),
}

SIDES: Words = {"debit": t("借", "debit"), "credit": t("贷", "credit")}

OUTCOMES: Words = {
    "done": t("完成", "done"),
    "unchanged": t("没有变化", "unchanged"),
    "refused": t("被拒", "refused"),
}

TITLE_STATES: Words = {
    "proposed": t("待确认", "proposed"),
    "granted": t("已授予", "granted"),
    "declined": t("未授予", "declined"),
}

MONTH_STATES: Words = {
    "open": t("进行中", "open"),
    "provisional": t("公示中", "provisional"),
    "final": t("已定榜", "final"),
}

HONOR_PERIODS: Words = {
    "month": t("每月", "month"),
    "year": t("每年", "year"),
    "ever": t("长期", "for good"),
}

PROPOSAL_KINDS: Words = {
    "adjustment": t("积分调整", "adjustment"),
    "funding": t("预算拨付", "funding"),
    "write_off": t("欠分核销", "write-off"),
    "rulebook": t("规则版本", "rulebook"),
}

PROPOSAL_STATES: Words = {
    "proposed": t("待批准", "waiting"),
    "approved": t("已批准", "approved"),
    "rejected": t("已否决", "rejected"),
    "withdrawn": t("已撤回", "withdrawn"),
    "lapsed": t("已过期", "lapsed"),
}

VERSION_STATES: Words = {
    **PROPOSAL_STATES,
    "to_come": t("待生效", "to come"),
    "in_force": t("生效中", "in force"),
    "past": t("已过去", "past"),
}

OWNER_KINDS: Words = {
    "programme": t("项目", "programme"),
    "sponsor": t("出资方", "sponsor"),
    "rider": t("骑手", "rider"),
    "item": t("物品", "item"),
    "station": t("驿站", "station"),
}

PRINCIPAL_KINDS: Words = {
    "operator": t("工作人员", "operator"),
    "rider": t("骑手", "rider"),
    "service": t("外部系统", "service"),
    "platform": t("平台", "platform"),
}

TIE_CHAIN: Words = {
    "merit": t("当月贡献分", "merit of the month"),
    "verified_reports": t("核实条数", "verified reports"),
    "serious_points": t("较重与紧急上报的积分", "points from serious and urgent reports"),
    "reached_at": t("先达到者", "reached earlier"),
}

COLOURS: dict[str, str] = {
    "submitted": "cyan",
    "verified": "green",
    "settled": "green",
    "rejected": "red",
    "duplicate": "yellow",
    "revoked": "magenta",
    "urgent": "bold red",
    "serious": "yellow",
    "active": "green",
    "suspended": "yellow",
    "left": "bright_black",
    "requested": "cyan",
    "ready": "yellow",
    "fulfilled": "green",
    "cancelled": "bright_black",
    "lapsed": "magenta",
    "provisional": "yellow",
    "final": "green",
    "proposed": "cyan",
    "approved": "green",
    "in_force": "green",
    "to_come": "yellow",
    "withdrawn": "bright_black",
    "done": "green",
    "refused": "red",
}
"""By value. The word says it too: colour is never the only sign."""


def yes_or_no(value: object) -> str:
    return t("是", "yes") if value else t("否", "no")
