"""What an approver looks at before deciding on a redemption: one answer, because it is asked for at every one."""

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from ledger.api.catalog import StationStockBody
from ledger.api.redemptions import RedemptionBody, RiderBalancesBody, redemption_body
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.domain.catalog import LimitPeriod
from ledger.queries.redemptions import RedemptionEvidence, read_redemption_evidence


class LimitUseBody(msgspec.Struct, kw_only=True):
    """`used` is in the period in which this was requested, and counts this one too."""

    count: int
    period: LimitPeriod
    used: int


class RedemptionEvidenceBody(msgspec.Struct, kw_only=True):
    """`balances` as they stand: while the redemption is open its points are among those held. `limit` is null where
    there is none, `stock` where no units are counted."""

    redemption: RedemptionBody
    balances: RiderBalancesBody
    limit: LimitUseBody | None
    stock: StationStockBody | None


class RedemptionEvidenceController(Controller):
    path = "/redemptions"
    tags = ["redemptions"]

    @get(
        "/{redemption:str}/evidence",
        operation_id="get_redemption_evidence",
        summary="What an approver weighs: the rider's points, the limit, the stock",
        sync_to_thread=True,
    )
    def get_redemption_evidence(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], redemption: FromPath[str]
    ) -> RedemptionEvidenceBody:
        with runtime.reading() as connection:
            found = read_redemption_evidence(
                connection, principal.programme_id, redemption, zone=runtime.zone_of(principal.programme_id)
            )
        balance = found.balance
        return RedemptionEvidenceBody(
            redemption=redemption_body(found.case, runtime.clock()),
            balances=RiderBalancesBody(available=balance.available, held=balance.held, owed=balance.owed),
            limit=_limit_use(found),
            stock=_stock(found),
        )


def _limit_use(found: RedemptionEvidence) -> LimitUseBody | None:
    item = found.case.item
    if item.limit_count is None or item.limit_period is None or found.limit_used is None:
        return None
    return LimitUseBody(count=item.limit_count, period=item.limit_period, used=found.limit_used)


def _stock(found: RedemptionEvidence) -> StationStockBody | None:
    level = found.level
    if level is None:
        return None
    return StationStockBody(
        code=level.station_code, name=level.station_name, shelf=level.shelf, reserved=level.reserved
    )
