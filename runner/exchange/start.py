"""The start of the exchange broker: switches, keys, market, account, and book and venue brought together, in this order.

The event log of a folder is of one account. Its first event names it, with the equity that the venue told then; money paid in or out later
is none of the book's business.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lib.contract.standing import expanded
from lib.market.terms import Terms
from runner.config import Config
from runner.errors import LockedError, ReconcileError
from runner.exchange.broker import ExchangeBroker
from runner.exchange.bybit import Bybit
from runner.exchange.desk import Desk
from runner.exchange.keys import Keys, read_keys
from runner.exchange.reconcile import patiently, reconcile
from runner.exchange.settings import ExchangeSettings
from runner.exchange.switches import require_switches
from runner.files.lock import WriterLock
from runner.trade.book import Book
from runner.trade.broker import Broker
from runner.trade.clock import Clock
from runner.trade.events import EVENTS_FILE, Event
from runner.trade.live import BrokerFor
from runner.trade.paper import Watch
from runner.trade.rails import Rails
from runner.trade.settings import TradeSettings

#: Where the locks of accounts lie: what trades one of them is no matter of a folder of data.
ACCOUNTS = "~/.local/share/ribbon-lab/accounts"

#: Between an account's name and the number of the user at the venue, in the event log.
_USER = " of user "

Tell = Callable[[str, str], None]


@contextmanager
def the_only_loop(config: Config) -> Iterator[None]:
    """Hold the account of the keys, on this machine and for this user: the lock of a folder knows nothing of a copy of that folder.

    Raises LockedError where another loop has it, and as `exchange_broker` does.
    """
    account, keys = require_switches(config.section("exchange")), read_keys(config.path.with_name(".env"))
    name = hashlib.sha256(f"{account} {keys.key.get_secret_value()}".encode()).hexdigest()
    accounts = expanded(ACCOUNTS)
    accounts.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(WriterLock(accounts / name))
        except LockedError as error:
            raise LockedError(
                f"another loop trades {account} with this key already, from whatever folder ({error}). Two would undo each other's orders"
            ) from None
        yield


def exchange_broker(config: Config, folder: Path, tell: Tell) -> BrokerFor:
    """What makes the broker of a loop over `folder`. Raises ConfigError where a switch is off or a key is missing."""
    settings: ExchangeSettings = config.section("exchange")
    account = require_switches(settings)
    return broker_of(settings, account, read_keys(config.path.with_name(".env")), folder, tell)


def broker_of(
    settings: ExchangeSettings,
    account: str,
    keys: Keys,
    folder: Path,
    tell: Tell,
    wait: Callable[[float], None] = time.sleep,
) -> BrokerFor:
    """The same from its parts. The broker is made when the loop's logs are open; that raises ReconcileError or ExchangeError."""

    def make(book: Book, trade: TradeSettings, _: Terms, watch: Watch, clock: Clock) -> Broker:
        name, _, user = book.account.partition(_USER)
        if book.opened and name != account:
            raise _of_another(book.account or "a paper account", account)
        venue = Bybit(settings, keys)
        market, offset, here = patiently(
            lambda: (venue.market(), clock.now_us() - venue.time_ms() * 1_000, venue.user()),
            venue,
            settings,
            clock,
            wait,
        )
        if user and user != here:  # logs that an older version began do not say
            raise _of_another(book.account, f"{account}{_USER}{here}, whose key it is")
        desk = Desk(
            book=book,
            venue=venue,
            market=market,
            settings=settings,
            watch=watch,
            clock=clock,
            killed=Rails(trade.rails, folder).killed,
            tell=tell,
            offset_us=offset,
        )
        broker = ExchangeBroker(desk)
        reconcile(broker, wait)
        if not book.opened:
            equity = patiently(lambda: venue.equity(market.coin), venue, settings, clock, wait)
            book.record(Event("open", clock.now_us(), price=equity, reason=f"{account}{_USER}{here}"))
        desk.happened.clear()  # the loop tells what its start found
        return broker

    return make


def looked_at(config: Config, ask: bool = True) -> str:
    """Whose account orders would go to, in words; with `ask` the exchange is asked, and nothing is ordered there.

    Raises ConfigError where a switch is off or a key is missing, ExchangeError where the exchange says no.
    """
    settings: ExchangeSettings = config.section("exchange")
    account, keys = require_switches(settings), read_keys(config.path.with_name(".env"))
    if not ask:
        return f"{account}: both switches are on, and there is a key (not tried)"
    venue = Bybit(settings, keys)
    with venue.wire.within(settings.call_s * 5):
        market = venue.market()
        user, equity, held = venue.user(), venue.equity(market.coin), venue.position()
    return f"{account}{_USER}{user}: equity {equity:,.2f} {market.coin}, {held.direction or 'nothing'} held"


def _of_another(book: str, start: str) -> ReconcileError:
    return ReconcileError(
        f"{EVENTS_FILE} is of {book}, and this start is for {start}: move the file away "
        "and begin a new account with `ribbon trade --new-account` (the decisions stay and go on teaching), or take another folder "
        "with --trading-data"
    )
