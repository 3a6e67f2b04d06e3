"""The posting state machine: (accounts, batch of transactions) → (effects, refusals). The core of the product.

Refusals come first, in the order of `post`; after the last of them nothing can fail. A refused transaction leaves no
trace, an accepted one is whole. A single posting is a batch of one. Which legs a use-case wants is in `moves.py`; how
effects reach the database in `ledger/services/posting.py`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from ledger.domain.accounts import BALANCE_MAX, PURPOSES, Account, AccountKey, OwnerKind, Purpose, Side
from ledger.domain.errors import Kind, Refusal, Text
from ledger.domain.transactions import ALLOWED_LEGS, AMOUNT_MAX, LEGS_MAX, Effects, Entry, Transaction, TransactionKind

# --- refusals, in order of precedence ----------------------------------------------------------------------------


@dataclass(eq=False)
class LegCountOutOfRange(Refusal):
    legs: int

    code: ClassVar[str] = "leg_count_out_of_range"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("分录数超出范围", "Leg count out of range")
    detail: ClassVar[Text] = Text(
        f"一笔交易要有 1 到 {LEGS_MAX} 条分录，这一笔有 {{legs}} 条；请拆开或补上。",
        f"A transaction has 1 to {LEGS_MAX} legs, this one {{legs}}. Split it or add a leg.",
    )


@dataclass(eq=False)
class AmountOutOfRange(Refusal):
    amount: int

    code: ClassVar[str] = "amount_out_of_range"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("数额超出范围", "Amount out of range")
    detail: ClassVar[Text] = Text(
        f"数额必须是 1 到 {AMOUNT_MAX} 的整数，这里是 {{amount}}；请改正。",
        f"An amount is a whole number from 1 to {AMOUNT_MAX}, not {{amount}}. Correct it.",
    )


@dataclass(eq=False)
class LegNotAllowed(Refusal):
    transaction_kind: str
    debit_purpose: str
    credit_purpose: str

    code: ClassVar[str] = "leg_not_allowed"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("这类交易不能动这两个账户", "This kind may not touch these accounts")
    detail: ClassVar[Text] = Text(
        "{transaction_kind} 类交易不能从 {debit_purpose} 记到 {credit_purpose}；请换用允许的交易种类。",
        "A {transaction_kind} transaction may not move {debit_purpose} → {credit_purpose}. Use a kind that may.",
    )


@dataclass(eq=False)
class CommodityMismatch(Refusal):
    debit_commodity: str
    credit_commodity: str

    code: ClassVar[str] = "commodity_mismatch"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("两边不是同一种东西", "The sides hold different commodities")
    detail: ClassVar[Text] = Text(
        "借方是 {debit_commodity}，贷方是 {credit_commodity}；一条分录两边必须相同。",
        "The debit side holds {debit_commodity}, the credit side {credit_commodity}; a leg needs the same on both.",
    )


@dataclass(eq=False)
class NotTransferable(Refusal):
    """Points are not cash: none move from one rider to another. Source: programme.md, Value scale and rules."""

    debit_owner: UUID
    credit_owner: UUID

    code: ClassVar[str] = "not_transferable"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("积分不能转给别人", "Points are not transferable")
    detail: ClassVar[Text] = Text(
        "积分不能从骑手 {debit_owner} 转给骑手 {credit_owner}；请核对账户。",
        "Points cannot move from rider {debit_owner} to rider {credit_owner}. Check the accounts.",
    )


@dataclass(eq=False)
class ReversalIncomplete(Refusal):
    """Kind `reverse` and the transaction it reverses belong together: else "one reversal each" could be got round."""

    transaction_kind: str

    code: ClassVar[str] = "reversal_incomplete"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("冲正不完整", "Incomplete reversal")
    detail: ClassVar[Text] = Text(
        "冲正要指明冲的是哪一笔，别的种类不能指明；这一笔的种类是 {transaction_kind}，请改正。",
        "A reversal names what it reverses and no other kind does; this one is {transaction_kind}. Correct it.",
    )


@dataclass(eq=False)
class AlreadyReversed(Refusal):
    transaction_id: UUID

    code: ClassVar[str] = "already_reversed"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("已经冲正过", "Already reversed")
    detail: ClassVar[Text] = Text(
        "交易 {transaction_id} 已经冲正过一次，不能再冲；请核对账户现在的余额。",
        "Transaction {transaction_id} has been reversed once and cannot be again. Look at the balances as they are.",
    )


@dataclass(eq=False)
class BalanceTooLow(Refusal):
    """A floor: the account cannot give what is asked. Subclasses say it in the words of what is short."""

    available: int
    wanted: int

    code: ClassVar[str] = "insufficient_points"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("积分不够", "Not enough points")
    detail: ClassVar[Text] = Text(
        "需要 {wanted} 分，现有 {available} 分；请攒够再来，或换一个积分更少的。",
        "{wanted} points are needed and {available} are there. Earn more first, or choose something smaller.",
    )


@dataclass(eq=False)
class BudgetExhausted(BalanceTooLow):
    code: ClassVar[str] = "budget_exhausted"
    title: ClassVar[Text] = Text("预算用完了", "The budget is exhausted")
    detail: ClassVar[Text] = Text(
        "要从预算支出 {wanted} 分，预算只剩 {available} 分；请让负责人追加预算后再试。",
        "{wanted} points are to come out of the budget, which holds {available}. Have it funded, then try again.",
    )


@dataclass(eq=False)
class OutOfStock(BalanceTooLow):
    code: ClassVar[str] = "out_of_stock"
    title: ClassVar[Text] = Text("库存不够", "Out of stock")
    detail: ClassVar[Text] = Text(
        "要 {wanted} 件，库存 {available} 件；积分没有扣，请换一样或等补货。",
        "{wanted} wanted, {available} in stock. No points were taken; choose something else or wait for a restock.",
    )


@dataclass(eq=False)
class BalanceTooHigh(Refusal):
    balance: int

    code: ClassVar[str] = "balance_too_high"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("余额超出上限", "The balance would be too high")
    detail: ClassVar[Text] = Text(
        f"记账后余额会到 {{balance}}，超过上限 {BALANCE_MAX}；请减小数额。",
        f"The balance would be {{balance}}, above the limit of {BALANCE_MAX}. Use a smaller amount.",
    )


def _floor_refusal(key: AccountKey, *, available: int, wanted: int) -> BalanceTooLow:
    if not key.rule.is_points:
        return OutOfStock(available=available, wanted=wanted)
    if key.purpose is Purpose.BUDGET:
        return BudgetExhausted(available=available, wanted=wanted)
    return BalanceTooLow(available=available, wanted=wanted)


# --- the machine -------------------------------------------------------------------------------------------------


class Books:
    """The accounts of one unit of work as its transactions leave them, and the effects so far.

    `accounts` are those read and locked; one that is missing is opened at zero when first touched. `reversed_ids` are
    the transactions known to be reversed. The ids of new accounts come from `new_id`, so the machine itself throws no
    dice.
    """

    def __init__(
        self, accounts: Iterable[Account], *, new_id: Callable[[], UUID], reversed_ids: Iterable[UUID] = ()
    ) -> None:
        self._accounts = {account.key: account for account in accounts}
        self._stored = frozenset(self._accounts)
        # By owner and purpose, so that a rider's lots are found without a walk over a whole batch's accounts.
        self._keys: dict[tuple[UUID, Purpose], dict[AccountKey, None]] = {}
        for key in self._accounts:
            self._keys.setdefault((key.owner_id, key.purpose), {})[key] = None
        self._changed: dict[AccountKey, None] = {}
        self._reversed_ids = set(reversed_ids)
        self._new_id = new_id
        self._transactions: list[Transaction] = []
        self._entries: list[Entry] = []

    def balance(self, key: AccountKey) -> int:
        """The balance on the account's normal side; 0 for an account that was never opened."""
        account = self._accounts.get(key)
        return account.balance if account else 0

    def total(self, owner_id: UUID, purpose: Purpose) -> int:
        """The sum over the owner's accounts of a purpose."""
        return sum(self._accounts[key].balance for key in self._keys.get((owner_id, purpose), ()))

    def lots(self, owner_id: UUID, purpose: Purpose) -> list[AccountKey]:
        """The owner's accounts of a purpose that hold something: soonest to lapse first, then the oldest."""
        accounts = [self._accounts[key] for key in self._keys.get((owner_id, purpose), ())]
        filled = [account for account in accounts if account.balance > 0]
        return [account.key for account in sorted(filled, key=lambda account: (account.key.bucket, account.id))]

    def post(self, transaction: Transaction) -> Refusal | None:
        """Takes the transaction in whole and returns None, or leaves everything as it was and returns the refusal.

        Precedence: leg count; then per leg amount, allowed purposes, commodity, owners; reversal incomplete; already
        reversed; then leg by leg the floor of each account and the balance limit.
        """
        if refusal := validate_form(transaction):
            return refusal
        if transaction.reverses in self._reversed_ids:
            return AlreadyReversed(transaction_id=transaction.reverses)

        touched: dict[AccountKey, Account] = {}
        entries: list[Entry] = []
        for number, leg in enumerate(transaction.legs):
            for key, side in ((leg.debit_account, Side.DEBIT), (leg.credit_account, Side.CREDIT)):
                account = touched.get(key) or self._accounts.get(key) or Account(id=self._new_id(), key=key)
                moved = _move(account, side, leg.amount)
                if isinstance(moved, Refusal):
                    return moved
                touched[key] = moved
                entries.append(_entry(transaction, number, side, leg.amount, moved))

        self._accounts.update(touched)
        for key in touched:
            self._keys.setdefault((key.owner_id, key.purpose), {})[key] = None
        self._changed.update(dict.fromkeys(touched))
        self._transactions.append(transaction)
        self._entries.extend(entries)
        if transaction.reverses is not None:
            self._reversed_ids.add(transaction.reverses)
        return None

    def effects(self) -> Effects:
        """Everything accepted since the books were opened. Reading it changes nothing."""
        changed = [self._accounts[key] for key in self._changed]
        return Effects(
            opened_accounts=[account for account in changed if account.key not in self._stored],
            changed_accounts=[account for account in changed if account.key in self._stored],
            transactions=list(self._transactions),
            entries=list(self._entries),
        )


def post_transactions(
    accounts: Iterable[Account],
    batch: Sequence[Transaction],
    *,
    new_id: Callable[[], UUID],
    reversed_ids: Iterable[UUID] = (),
) -> tuple[Effects, list[Refusal | None]]:
    """The machine in one call: the effects of all that were accepted, and per transaction None or its refusal."""
    books = Books(accounts, new_id=new_id, reversed_ids=reversed_ids)
    refusals = [books.post(transaction) for transaction in batch]
    return books.effects(), refusals


def validate_form(transaction: Transaction) -> Refusal | None:
    """What can be said without any balance: leg count, amounts, purposes, commodities, owners, what is reversed."""
    if not 1 <= len(transaction.legs) <= LEGS_MAX:
        return LegCountOutOfRange(legs=len(transaction.legs))
    for leg in transaction.legs:
        if not 1 <= leg.amount <= AMOUNT_MAX:
            return AmountOutOfRange(amount=leg.amount)
        debit, credit = leg.debit_account, leg.credit_account
        if (debit.purpose, credit.purpose) not in ALLOWED_LEGS[transaction.kind]:
            return LegNotAllowed(
                transaction_kind=transaction.kind, debit_purpose=debit.purpose, credit_purpose=credit.purpose
            )
        if debit.commodity != credit.commodity:
            return CommodityMismatch(debit_commodity=debit.commodity, credit_commodity=credit.commodity)
        if _are_riders(debit, credit) and debit.owner_id != credit.owner_id:
            return NotTransferable(debit_owner=debit.owner_id, credit_owner=credit.owner_id)
    if (transaction.kind is TransactionKind.REVERSE) is not (transaction.reverses is not None):
        return ReversalIncomplete(transaction_kind=transaction.kind)
    return None


def _are_riders(*keys: AccountKey) -> bool:
    return all(key.rule.owner_kind is OwnerKind.RIDER for key in keys)


def _move(account: Account, side: Side, amount: int) -> Account | Refusal:
    rule = PURPOSES[account.key.purpose]
    balance = account.balance + side * rule.normal_side * amount
    if rule.has_floor and balance < 0:
        return _floor_refusal(account.key, available=account.balance, wanted=amount)
    if abs(balance) > BALANCE_MAX:
        return BalanceTooHigh(balance=balance)
    return Account(id=account.id, key=account.key, balance=balance, version=account.version + 1)


def _entry(transaction: Transaction, leg: int, side: Side, amount: int, account: Account) -> Entry:
    return Entry(
        account_id=account.id,
        version=account.version,
        transaction_id=transaction.id,
        leg=leg,
        side=side,
        amount=amount,
        balance_after=account.balance,
        effective_at=transaction.effective_at,
    )
