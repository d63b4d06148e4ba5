"""`ribbon resume`: a person lifts a halt."""

from __future__ import annotations

from lib import paths
from runner.cli.options import TradingData, answer


def resume_command(
    trading_data: TradingData = None,
) -> None:
    """Lift the halt after a daily loss or a drawdown; both are measured anew from now on."""
    from runner.trade.clock import MachineClock
    from runner.trade.resume import resume

    answer([resume(paths.trading_data(trading_data), MachineClock().now_us())], None, as_json=False)
