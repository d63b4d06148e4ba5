"""An exchange on this machine that answers as Binance does, whose market gives the entry rule a signal at an instant that is named."""

from tests.signal_venue.server import SignalMarket, SignalVenue

__all__ = ["SignalMarket", "SignalVenue"]
