"""The table of checks, in the order in which an audit runs them. One more check is one more line.

A check of tables that an audit does not know yet gets a module of its own beside these, and its line here.
"""

from typing import Any

from sqlalchemy import Table

from ledger.domain.errors import Text
from ledger.queries.audit import (
    accounts,
    awards,
    events,
    incidents,
    journal,
    lots,
    months,
    proposals,
    references,
    rewards,
    score_counts,
    titles,
)
from ledger.queries.audit.books import Check, Validate
from ledger.queries.audit.findings import Severity
from ledger.queries.audit.remedies import (
    CORRECT,
    COUNT_STOCK,
    LAPSE_POINTS,
    LOOK_AT_INCIDENT,
    LOOK_AT_PROPOSAL,
    LOOK_AT_REDEMPTION,
    LOOK_AT_REPORT,
    RECOMPUTE,
    RESTORE,
    RESTORE_LIST,
    REVIEW_TITLE,
    TELL_AGAIN,
    WAIT_FOR_JOB,
)
from ledger.storage import tables as t


def _check(
    validate: Validate,
    over: Any,
    remedy: Text,
    zh: str,
    en: str,
    *,
    severity: Severity = Severity.ERROR,
    table: Table | None = None,
) -> Check:
    """`over` is the column whose windows it goes through, or a table that it sees whole; findings are in that table,
    unless it is another one or they say so themselves."""
    is_whole = isinstance(over, Table)
    found_in = over if is_whole else over.table
    return Check(
        validate=validate,
        title=Text(zh, en),
        remedy=remedy,
        severity=severity,
        table=(found_in if table is None else table).name,
        counted=found_in,
        over=None if is_whole else over,
    )


CHECKS: tuple[Check, ...] = (
    # 1. Every transaction balances per commodity; the sum over all accounts is zero per commodity.
    _check(
        journal.validate_transactions_have_legs,
        t.transactions.c.id,
        RESTORE,
        "每笔交易都有分录",
        "Every transaction has legs",
    ),
    _check(
        journal.validate_legs,
        t.entries.c.transaction_id,
        RESTORE,
        "每条分录借贷相等，种类允许",
        "Every leg balances and is of its kind",
    ),
    _check(
        journal.validate_zero_sum,
        t.accounts,
        RESTORE,
        "每个品种全部账户合计为 0",
        "All accounts of a commodity sum to zero",
    ),
    # 2. A balance is the sum of its entries and the last one's balance after; versions are gap-free.
    _check(
        accounts.validate_history,
        t.entries.c.account_id,
        RESTORE,
        "明细版本连续，余额逐条相接",
        "Entries follow one another without a gap",
    ),
    _check(
        accounts.validate_balances,
        t.accounts.c.id,
        CORRECT,
        "余额等于明细之和",
        "Balances are the sums of their entries",
    ),
    _check(accounts.validate_purposes, t.accounts.c.id, RESTORE, "账户合乎用途", "Accounts are as their purpose is"),
    _check(accounts.validate_owners, t.accounts.c.id, RESTORE, "账户的所有者都在", "Every account's owner is there"),
    # 3. No account with a floor is ever below it, at any version. 6. Awards from a budget never exceed it.
    _check(
        accounts.validate_floors, t.entries.c.account_id, RESTORE, "从未低于下限", "No account was ever below its floor"
    ),
    _check(
        awards.validate_budgets,
        t.sponsors,
        RESTORE,
        "预算余额等于拨入减有效奖励",
        "Budgets are what was given less live awards",
    ),
    _check(
        awards.validate_waiting,
        t.awards,
        WAIT_FOR_JOB,
        "等预算的积分确实要等",
        "What waits for a budget has to",
        severity=Severity.WARNING,
    ),
    # 4. A redemption's held points are released or captured exactly once, in full.
    _check(
        rewards.validate_holds,
        t.redemptions.c.id,
        LOOK_AT_REDEMPTION,
        "兑换单的积分和库存如数冻结",
        "Redemptions hold their points and their unit",
    ),
    _check(
        lots.validate_lots_kept, t.transactions.c.id, RESTORE, "冻结和退回不换批次", "Held points stay in their lot"
    ),
    _check(
        rewards.validate_closings,
        t.redemptions.c.id,
        LOOK_AT_REDEMPTION,
        "冻结的恰好了结一次",
        "What was held is captured or released once",
    ),
    _check(
        rewards.validate_held_points,
        t.riders.c.id,
        LOOK_AT_REDEMPTION,
        "冻结积分等于未了结兑换",
        "Held points are those of open redemptions",
    ),
    _check(
        rewards.validate_redemption_states,
        t.redemptions.c.id,
        LOOK_AT_REDEMPTION,
        "兑换单状态与批准、券相符",
        "Redemptions have what their state needs",
    ),
    # 5. Per item: supplied = shelf + reserved + delivered; delivered units are fulfilled redemptions.
    _check(rewards.validate_stock, t.items, COUNT_STOCK, "每件商品都有去处", "Every unit of every item is somewhere"),
    # 7. At most one live award per report and rider; at most one reversal per transaction.
    _check(
        awards.validate_credited_reports,
        t.reports.c.id,
        LOOK_AT_REPORT,
        "上报与奖励相符",
        "Reports have the awards of their state",
    ),
    _check(
        awards.validate_award_numbers,
        t.awards.c.report_id,
        LOOK_AT_REPORT,
        "奖励自身一致",
        "Awards agree with themselves",
    ),
    _check(
        awards.validate_booked_awards,
        t.awards.c.report_id,
        LOOK_AT_REPORT,
        "奖励如数入账",
        "Awards are booked as they say",
    ),
    _check(
        awards.validate_taken_back,
        t.awards.c.report_id,
        LOOK_AT_REPORT,
        "撤销的奖励如数收回",
        "Awards taken back are so in full",
    ),
    # One hazard is paid once in full, to few later reporters a little, to nobody twice.
    _check(
        incidents.validate_incident_shares,
        t.incident_reports.c.incident_id,
        LOOK_AT_INCIDENT,
        "同一隐患一份全额，每人一次",
        "A hazard is paid in full once, each rider once",
    ),
    _check(
        incidents.validate_incident_awards,
        t.incident_reports.c.report_id,
        LOOK_AT_INCIDENT,
        "奖励等于隐患中的份额",
        "Awards are those of the incident's shares",
    ),
    _check(
        journal.validate_reversals,
        t.transactions.c.id,
        RESTORE,
        "冲销都指明所冲的奖励",
        "Reversals name the award they take back",
    ),
    _check(
        journal.validate_reversed_once, t.transactions.c.reverses, RESTORE, "没有重复冲销", "Nothing is reversed twice"
    ),
    _check(
        journal.validate_causes, t.transactions.c.id, RESTORE, "每笔交易都有来由", "Every transaction has its cause"
    ),
    # What a person corrects by hand is proposed by one and approved by another.
    _check(
        proposals.validate_proposal_decisions,
        t.proposals.c.id,
        LOOK_AT_PROPOSAL,
        "提案由别人批准",
        "Proposals are approved by other people",
    ),
    _check(
        proposals.validate_proposal_bookings,
        t.proposals.c.id,
        LOOK_AT_PROPOSAL,
        "批准的提案如数入账",
        "Approved proposals are booked as proposed",
    ),
    _check(
        proposals.validate_proposed_transactions,
        t.transactions.c.id,
        LOOK_AT_PROPOSAL,
        "调整都有批准的提案",
        "Adjustments were proposed and approved",
    ),
    # 8. What was refused changed nothing: what was booked under a key was answered with a yes.
    _check(
        journal.validate_answers,
        t.transactions.c.id,
        RESTORE,
        "幂等键的答复与账相符",
        "Stored answers agree with the books",
    ),
    # 9. No lapsed lot holds points after the expiry run, which takes all that is left of it and nothing else.
    _check(
        lots.validate_expiries,
        t.transactions.c.id,
        RESTORE,
        "到期只转走到期批次剩下的",
        "Expiries take what was left of lapsed lots",
    ),
    _check(
        lots.validate_lapsed_lots,
        t.accounts.c.id,
        LAPSE_POINTS,
        "到期超过一天的批次没有余额",
        "No lot that lapsed over a day ago has points left",
    ),
    _check(
        lots.validate_lots_to_lapse,
        t.accounts.c.id,
        LAPSE_POINTS,
        "刚到期的批次没有余额",
        "No lot that has just lapsed has points left",
        severity=Severity.WARNING,
    ),
    # 10. Standings and titles recomputed from the awards equal those stored.
    _check(
        awards.validate_standings,
        t.riders.c.id,
        RECOMPUTE,
        "榜单等于奖励算出的",
        "Standings are what the awards give",
        table=t.standings,
    ),
    _check(
        score_counts.validate_score_counts,
        t.score_counts,
        RECOMPUTE,
        "按分数的人数等于榜单数出的",
        "Riders are counted as their standings say",
    ),
    _check(
        months.validate_lists,
        t.months,
        RESTORE_LIST,
        "榜单与摘要相符",
        "Published lists recompute to their digests",
    ),
    _check(
        months.validate_corrections,
        t.corrections,
        RESTORE,
        "更正编号连续，与撤销的奖励相符",
        "Corrections are numbered without a gap, one for each award taken back",
    ),
    _check(
        titles.validate_title_facts,
        t.titles.c.id,
        REVIEW_TITLE,
        "荣誉的依据等于当时算出的",
        "Titles' facts are what the awards gave",
    ),
    _check(titles.validate_title_grounds, t.titles.c.id, REVIEW_TITLE, "荣誉合乎规则", "Titles are by the rulebook"),
    # 11. Every event belongs to a committed change, and every such change has its events.
    _check(
        events.validate_event_numbers,
        t.events.c.number,
        TELL_AGAIN,
        "事件编号连续",
        "Events are numbered without a gap",
    ),
    _check(
        events.validate_event_counter, t.event_counters, TELL_AGAIN, "事件计数正确", "The counter of events is right"
    ),
    _check(events.validate_report_events, t.reports, TELL_AGAIN, "上报的事件齐全", "Reports have their events"),
    _check(events.validate_rider_events, t.riders, TELL_AGAIN, "骑手的事件齐全", "Riders have their events"),
    _check(
        events.validate_redemption_events, t.redemptions, TELL_AGAIN, "兑换的事件齐全", "Redemptions have their events"
    ),
    _check(events.validate_title_events, t.titles, TELL_AGAIN, "荣誉的事件齐全", "Titles have their events"),
    _check(events.validate_month_events, t.months, TELL_AGAIN, "月度榜单的事件齐全", "Months have their events"),
    _check(events.validate_proposal_events, t.proposals, TELL_AGAIN, "提案的事件齐全", "Proposals have their events"),
    _check(events.validate_item_events, t.items, TELL_AGAIN, "商品的事件齐全", "Items have their events"),
    _check(events.validate_sponsor_events, t.sponsors, TELL_AGAIN, "出资方的事件齐全", "Sponsors have their events"),
    _check(events.validate_station_events, t.stations, TELL_AGAIN, "驿站的事件齐全", "Stations have their events"),
    _check(
        events.validate_appointment_events,
        t.appointments,
        TELL_AGAIN,
        "名册的事件齐全",
        "Appointments have their events",
    ),
    # What the tables promise about themselves.
    _check(references.validate_references, t.programmes, RESTORE, "所指的都在", "What rows point at is there"),
    _check(
        references.validate_restocked_items, t.transactions, RESTORE, "补货都指明商品", "Restockings name their item"
    ),
    _check(references.validate_constraints, t.programmes, RESTORE, "各表约束成立", "The tables' constraints hold"),
)
