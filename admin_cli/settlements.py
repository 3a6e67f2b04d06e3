"""`points report settle`: hazards that are gone; a photo taken afterwards earns the rider the bonus."""

from typing import Annotated

import typer

from admin_cli.decisions import Verb, decide
from admin_cli.language import t
from admin_cli.options import DryRun, Key, Yes
from admin_cli.paths import given
from admin_cli.report import Reports

HELP = t(
    "办结已核实的上报；有整改后照片，骑手另得办结奖励\n不能恢复，也不能再补照片，所以先问。",
    "Settle verified reports; a photo taken afterwards earns the bonus\n"
    "It cannot be undone, nor a photo added later, so it asks first.",
)

SETTLE = Verb(
    single="settlement",
    many="settlements",
    can_be_undone=False,
    question=lambda what: t(f"办结{what}？以后不能恢复。", f"Settle {what}? This cannot be undone."),
    points="report.bonus.points_granted",
)


def settle_reports(
    ctx: typer.Context,
    reports: Reports,
    photo: Annotated[
        str | None,
        typer.Option("--photo", metavar="URL", help=t("整改后照片的网址", "Address of a photo taken afterwards")),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    decide(ctx.obj, SETTLE, reports, given(after_photo_url=photo), yes=yes, dry_run=dry_run, key=key)
