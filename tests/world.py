"""Builders: a world to act in, valid by default, so that a test writes only what matters to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from ledger.api.runtime import Runtime
from ledger.domain.access import PrincipalKind, Role, Scope
from ledger.domain.calendar import Month, local_day
from ledger.domain.cases import ReportCase
from ledger.domain.catalog import ItemKind, StockedItem
from ledger.domain.errors import Refusal
from ledger.domain.months import ClosedMonth
from ledger.domain.places import Place
from ledger.domain.proposals import ProposalKind
from ledger.domain.redemptions import Redemption
from ledger.queries import access as access_queries
from ledger.queries import catalog as catalog_queries
from ledger.queries import reports as report_queries
from ledger.queries import riders as rider_queries
from ledger.queries.riders import RiderBalance
from ledger.services.access import (
    CreateOperator,
    CreateServiceKey,
    OpenSession,
    create_operators,
    create_service_keys,
    open_sessions,
)
from ledger.services.budgets import FundBudget, fund_budgets
from ledger.services.catalog import PutItem, PutStation, RestockItem, put_items, put_stations, restock_items
from ledger.services.credentials import new_token, token_sha256
from ledger.services.honors import AwardedTitles, AwardTitles, award_titles
from ledger.services.incidents import MergeIncident, Regrouped, SplitIncident, merge_incidents, split_incidents
from ledger.services.months import PublishMonth, publish_months
from ledger.services.programmes import CreateProgramme, create_programmes, default_rulebook
from ledger.services.proposals import ApproveProposal, Propose, approve_proposals, propose
from ledger.services.proposing import Proposed
from ledger.services.redeeming import Redeemed
from ledger.services.redemptions import ApproveRedemption, RequestRedemption, approve_redemptions, request_redemptions
from ledger.services.reports import SubmitReport, submit_reports
from ledger.services.riders import EnrollRider, enroll_riders
from ledger.services.rulebooks import ProposeRulebook, propose_rulebooks
from ledger.services.settlement import SettleReport, settle_reports
from ledger.services.verification import Credited, RevokeReport, VerifyReport, revoke_reports, verify_reports
from ledger.storage import programmes as programme_store
from ledger.storage.group_commit import Command, UseCase
from ledger.storage.idempotency import Answer, IdempotencyKey
from ledger.storage.tables import events
from ledger.storage.unit_of_work import UnitOfWork
from tests.deployment import MovingClock

PROGRAMME_ID = 330212
PASSWORD = "correct-horse"
BUDGET = 10_000_000

HERE = Place(lat_e7=298_146_000, lon_e7=1_215_542_000)

_keys = count(1)


@dataclass(kw_only=True)
class World:
    """A programme through its use-cases. `run` gives outcomes, refusals among them; the verbs below expect success."""

    runtime: Runtime
    clock: MovingClock
    programme_id: int = PROGRAMME_ID
    tokens: dict[str, str] = field(default_factory=dict)

    def run(
        self, use_case: UseCase, *items: Any, key: IdempotencyKey | None = None, dry_run: bool = False
    ) -> list[Any]:
        """The outcomes of one command. Raises what the use-case broke on."""
        outcomes: list[Any] = []

        def keep(found: Sequence[Any]) -> Answer:
            outcomes[:] = found
            return Answer(status=200, body=b"{}")

        self.runtime.writer.run(
            Command(
                programme_id=self.programme_id,
                use_case=use_case,
                items=items,
                render=keep,
                key=key,
                is_dry_run=dry_run,
            )
        )
        return outcomes

    def do(self, use_case: UseCase, item: Any) -> Any:
        """The outcome of one item that must succeed."""
        [outcome] = self.run(use_case, item)
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def refuse(self, use_case: UseCase, item: Any) -> Refusal:
        """The refusal of one item that must not succeed."""
        [outcome] = self.run(use_case, item)
        assert isinstance(outcome, Refusal), f"expected a refusal, got {outcome}"
        return outcome

    def enroll(self, code: str = "R00001", **changes: Any) -> str:
        values: dict[str, Any] = {
            "code": code,
            "name": "王小明",
            "industry_code": "01",
            "subdistrict": "钟公庙街道",
            "source": "tests",
            "actor": "operator/manager",
        }
        self.do(enroll_riders, EnrollRider(**{**values, **changes}))
        return code

    def enroll_with_phone(self, code: str, phone: str) -> str:
        vault = self.runtime.vault
        return self.enroll(code, phone_encrypted=vault.encrypt(phone), phone_hash=vault.keyed_hash(phone))

    def submission(self, rider: str = "R00001", **changes: Any) -> SubmitReport:
        values: dict[str, Any] = {
            "rider_code": rider,
            "category_code": "FAC-01",
            "place": HERE,
            "source": "app",
            "actor": f"rider/{rider}",
        }
        return SubmitReport(**{**values, **changes})

    def submit(self, rider: str = "R00001", **changes: Any) -> str:
        """The code of a new report."""
        case: ReportCase = self.do(submit_reports, self.submission(rider, **changes))
        return case.report.code

    def verify(self, report: str, *, actor: str = "operator/reviewer") -> Credited:
        credited: Credited = self.do(verify_reports, VerifyReport(report=report, actor=actor))
        return credited

    def share(self, report: str, other: str, *, actor: str = "operator/reviewer") -> Credited:
        """A report verified as of the same hazard as another."""
        credited: Credited = self.do(verify_reports, VerifyReport(report=report, actor=actor, same_hazard_as=other))
        return credited

    def merge(self, incident: str, into: str) -> Regrouped:
        merger = MergeIncident(incident=incident, into=into, reason="同一处", actor="operator/manager")
        merged: Regrouped = self.do(merge_incidents, merger)
        return merged

    def split(self, incident: str, *reports: str) -> Regrouped:
        split = SplitIncident(incident=incident, reports=reports, reason="是两处", actor="operator/manager")
        done: Regrouped = self.do(split_incidents, split)
        return done

    def revoke(self, report: str, *, reason: str = "造假") -> Credited:
        credited: Credited = self.do(
            revoke_reports, RevokeReport(report=report, reason=reason, actor="operator/manager")
        )
        return credited

    def award(self, rider: str = "R00001", **changes: Any) -> Credited:
        """A report submitted and verified."""
        return self.verify(self.submit(rider, **changes))

    def spend(self, points: int, *, rider: str = "R00001") -> None:
        """So many points go on hold, soonest lapse first, as a redemption would take them."""
        self.do(request_redemptions, self.wish(self.put_service(points), rider=rider))

    def put_station(self, code: str = "ZGM", **changes: Any) -> str:
        values: dict[str, Any] = {"code": code, "name": f"{code} 驿站", "actor": "operator/manager"}
        self.do(put_stations, PutStation(**{**values, **changes}))
        return code

    def put_item(self, sku: str = "G-001", *, stock: int = 100, station: str = "ZGM", **changes: Any) -> str:
        """An item at 50 points, so many units of it at the station, which is made if need be."""
        values: dict[str, Any] = {
            "sku": sku,
            "name": "香皂",
            "kind": ItemKind.GOODS,
            "price_points": 50,
            "actor": "operator/manager",
        }
        self.do(put_items, PutItem(**{**values, **changes}))
        if stock and changes.get("is_stocked", True):
            self.put_station(station)
            self.restock(sku, stock, station=station)
        return sku

    def restock(self, sku: str, quantity: int, *, station: str = "ZGM") -> None:
        self.do(
            restock_items,
            RestockItem(sku=sku, station=station, quantity=quantity, memo="进货", actor="operator/manager"),
        )

    def stock(self, sku: str = "G-001") -> StockedItem:
        with self.runtime.reading() as connection:
            return catalog_queries.read_item(connection, self.programme_id, sku)

    def earn(self, points: int, *, rider: str = "R00001") -> None:
        """At least so many points, by urgent reports, which no cap holds back."""
        for _ in range(-(-points // 50)):
            self.award(rider, category_code="SAF-03")

    def approvals_from(self, *, one: int, two: int) -> None:
        """A rulebook 2 under which so many points need one approver, and so many two."""
        document = default_rulebook().replace("by_rule_up_to_points = 300", f"by_rule_up_to_points = {one - 1}")
        self.store_rulebook(
            document.replace("one_approver_up_to_points = 1500", f"one_approver_up_to_points = {two - 1}")
        )

    def store_rulebook(self, document: str) -> None:
        """Rulebook 2, in force from today."""
        with UnitOfWork(
            self.runtime.database.writer, programme_id=self.programme_id, clock=self.clock, new_id=uuid7
        ) as uow:
            programme_store.insert_rulebook(
                uow,
                version=2,
                document=document,
                valid_from=local_day(uow.now, programme_store.read_zone_of(uow)),
                memo="",
                proposed_by="tests",
                approved_by="tests",
            )
            uow.commit()

    def publish_month(self, month: str, *, at: datetime, actor: str = "operator/reviewer") -> ClosedMonth:
        """Published at that instant; then the clock stands where it stood."""
        present, self.clock.now = self.clock.now, at
        published: ClosedMonth = self.do(publish_months, PublishMonth(month=Month(month), actor=actor))
        self.clock.now = present
        return published

    def propose_partner(self, rider: str = "R00001") -> str:
        """The id of a title that waits for a manager: 城市合伙人 of the year for a rider with a report."""
        rulebook = default_rulebook().replace("merit_at_least = 12000", "merit_at_least = 10")
        self.store_rulebook(rulebook)
        if not self.balance(rider).available:
            self.award(rider)
        awarded: AwardedTitles = self.do(award_titles, AwardTitles(period="2026", actor="operator/auditor"))
        return str(awarded.titles[0].title.id)

    def put_service(self, points: int) -> str:
        """An item without stock at that price."""
        return self.put_item(f"T-{points}", name="服务", kind=ItemKind.SERVICE, price_points=points, is_stocked=False)

    def wish(self, sku: str = "G-001", *, rider: str = "R00001", **changes: Any) -> RequestRedemption:
        values: dict[str, Any] = {"rider_code": rider, "sku": sku, "actor": f"rider/{rider}"}
        return RequestRedemption(**{**values, **changes})

    def redeem(self, sku: str = "G-001", *, rider: str = "R00001", **changes: Any) -> Redemption:
        redeemed: Redeemed = self.do(request_redemptions, self.wish(sku, rider=rider, **changes))
        return redeemed.case.redemption

    def settle(self, report: str, *, photo: str | None = "https://photos.example/after.jpg") -> Credited:
        credited: Credited = self.do(
            settle_reports, SettleReport(report=report, after_photo_url=photo, actor="operator/reviewer")
        )
        return credited

    def approve(self, redemption: str, *, actor: str = "operator/approver") -> Redemption:
        redeemed: Redeemed = self.do(approve_redemptions, ApproveRedemption(redemption=redemption, actor=actor))
        return redeemed.case.redemption

    def proposal(self, **changes: Any) -> Propose:
        """An adjustment for R00001 by the manager, unless it is changed."""
        values: dict[str, Any] = {
            "kind": ProposalKind.ADJUSTMENT,
            "points": 20,
            "reason": "漏记两条上报",
            "rider_code": "R00001",
            "actor": "operator/manager",
            "roles": frozenset({Role.MANAGER}),
        }
        return Propose(**{**values, **changes})

    def propose(self, **changes: Any) -> str:
        """The code of a new proposal."""
        proposed: Proposed = self.do(propose, self.proposal(**changes))
        return proposed.case.proposal.code

    def approve_proposal(
        self, proposal: str, *, actor: str = "operator/approver", role: Role = Role.APPROVER
    ) -> Proposed:
        proposed: Proposed = self.do(
            approve_proposals, ApproveProposal(proposal=proposal, actor=actor, roles=frozenset({role}))
        )
        return proposed

    def propose_rulebook(self) -> str:
        """The code of a proposal of the default rules anew, from tomorrow on."""
        command = ProposeRulebook(document=default_rulebook(), memo="不变", actor="operator/manager")
        proposed: Proposed = self.do(propose_rulebooks, command)
        return proposed.case.proposal.code

    def fund(self, points: int, *, sponsor: str = "general") -> None:
        self.do(fund_budgets, FundBudget(sponsor=sponsor, points=points, memo="追加", actor="operator/owner"))

    def rider_id(self, code: str) -> UUID:
        with self.runtime.reading() as connection:
            return rider_queries.read_rider(connection, self.programme_id, code).id

    def report(self, name: str) -> ReportCase:
        with self.runtime.reading() as connection:
            return report_queries.read_report(connection, self.programme_id, name)

    def balance(self, rider: str = "R00001", *, at: datetime | None = None) -> RiderBalance:
        with self.runtime.reading() as connection:
            known = rider_queries.read_rider(connection, self.programme_id, rider)
            return rider_queries.read_balance(connection, self.programme_id, known, at=at)

    def event_count(self) -> int:
        with self.runtime.reading() as connection:
            return connection.scalar(select(func.count()).select_from(events)) or 0

    def token(self, role: Role | str) -> str:
        """A bearer token of the operator of that role; of `rider`, R00001, enrolled if need be; or of `service`."""
        if role not in self.tokens:
            self.tokens[role] = self._new_token(role)
        return self.tokens[role]

    def rider_token(self, code: str) -> str:
        with self.runtime.reading() as connection:
            rider = rider_queries.read_rider(connection, self.programme_id, code)
        token = new_token(PrincipalKind.RIDER, self.programme_id)
        self.do(
            open_sessions,
            OpenSession(kind=PrincipalKind.RIDER, subject_id=rider.id, token_sha256=token_sha256(token)),
        )
        return token

    def _new_token(self, role: Role | str) -> str:
        if role == "rider":
            return self.rider_token(self.enroll())
        if role == "service":
            token = new_token(PrincipalKind.SERVICE, self.programme_id)
            self.do(
                create_service_keys,
                CreateServiceKey(
                    name="grid", scopes=frozenset(Scope), token_sha256=token_sha256(token), actor="operator/owner"
                ),
            )
            return token
        with self.runtime.reading() as connection:
            operator = access_queries.read_operator(connection, self.programme_id, str(role))
        token = new_token(PrincipalKind.OPERATOR, self.programme_id)
        self.do(
            open_sessions,
            OpenSession(kind=PrincipalKind.OPERATOR, subject_id=operator.id, token_sha256=token_sha256(token)),
        )
        return token


def found_programme(world: World, *, name: str = "鄞州区", budget_points: int = BUDGET) -> None:
    """A programme with an operator of each role, named like the role, all with the same password."""
    password_hash = world.runtime.passwords.hash(PASSWORD)
    world.do(
        create_programmes,
        CreateProgramme(
            name=name,
            time_zone="Asia/Shanghai",
            owner_name="owner",
            owner_password_hash=password_hash,
            budget_points=budget_points,
        ),
    )
    for role in Role:
        if role is not Role.OWNER:
            world.do(
                create_operators,
                CreateOperator(
                    name=role.value,
                    display_name=role.value,
                    password_hash=password_hash,
                    roles=frozenset({role}),
                    actor="operator/owner",
                ),
            )


def headers(token: str, *, key: str | None = None, language: str = "zh") -> dict[str, str]:
    """Of a request: the token, a fresh idempotency key unless one is given, the language."""
    return {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": key or f"key-{next(_keys)}",
        "Accept-Language": language,
    }


Client = TestClient[Litestar]
