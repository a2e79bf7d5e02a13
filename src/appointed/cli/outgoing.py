"""Commands about what goes out: webhooks and letters."""

from typing import Annotated

import typer

from appointed.cli.running import Config, Database, TenantNumber, run
from appointed.usecases.administer import ListWebhooks, RedeliverWebhook
from appointed.usecases.administer_mail import ListLetters, SendLettersAgain

webhook_cli = typer.Typer(help="Webhooks.", no_args_is_help=True)
mail_cli = typer.Typer(help="Letters: mail and short messages that go out.", no_args_is_help=True)


@webhook_cli.command("list")
def list_webhooks(
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Show how webhooks do."""
    run(ListWebhooks(tenant_id=tenant), config, database)


@webhook_cli.command("redeliver")
def redeliver_webhook(
    webhook: int,
    delivery: Annotated[int, typer.Option(help="One dead delivery; 0: all of the webhook.")] = 0,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Try again what could not be delivered."""
    run(RedeliverWebhook(tenant_id=tenant, webhook_id=webhook, delivery_id=delivery), config, database)


@mail_cli.command("list")
def list_letters(tenant: TenantNumber = 1, database: Database = None, config: Config = None) -> None:
    """Show which letters were not sent, and why."""
    run(ListLetters(tenant_id=tenant), config, database)


@mail_cli.command("again")
def send_letters_again(tenant: TenantNumber = 1, database: Database = None, config: Config = None) -> None:
    """Try again what was refused, and what nobody knows to have arrived: that may come twice."""
    run(SendLettersAgain(tenant_id=tenant), config, database)
