"""Tables of trades in the manner of other programs: the same three trades, a LONG that won, a SHORT and a LONG that lost."""

from __future__ import annotations

import json
from pathlib import Path

FREQTRADE = [
    {
        "pair": "ETH/USDT:USDT",
        "stake_amount": 156.0,
        "amount": 0.04,
        "open_date": f"2025-10-{day} 10:00:00+00:00",
        "close_date": f"2025-10-{day} 11:30:00+00:00",
        "open_rate": entry,
        "close_rate": leaving,
        "fee_open": 0.0005,
        "fee_close": 0.0005,
        "profit_ratio": 0.0,
        "profit_abs": profit,
        "exit_reason": reason,
        "stop_loss_abs": stop,
        "stop_loss_ratio": -0.01,
        "enter_tag": "supertrend",
        "is_short": short,
        "is_open": False,
        "funding_fees": 0.0,
        "leverage": 1.0,
    }
    for day, short, entry, leaving, profit, reason, stop in (
        (17, False, 3900.0, 3939.0, 1.40322, "roi", 3861.0),
        (18, True, 3930.0, 3969.3, -1.729986, "stop_loss", 3969.3),
        (19, False, 3900.0, 3861.0, -1.71522, "exit_signal", 3705.0),
    )
]
OPEN = FREQTRADE[0] | {
    "open_date": "2025-10-20 10:00:00+00:00",
    "close_date": None,
    "close_rate": None,
    "is_open": True,
}

BYBIT = """Contracts,Closing Direction,Qty,Entry Price,Exit Price,Closed P&L,Exit Type,Create Time,Filled/Settlement Time(UTC+0)
ETHUSDT,Sell,1.5,3900.00,3939.00,52.03,TakeProfit,2025-10-17 10:00:00,2025-10-17 11:30:00
ETHUSDT,Buy,0.5,3930.00,3969.30,-22.00,StopLoss,2025-10-18 10:00:00,2025-10-18 11:30:00
ETHUSDT,Sell,2,3900.00,3861.00,-86.50,Trade,2025-10-19 10:00:00,2025-10-19 11:30:00
"""

BINANCE = """"Symbol","Position Side","Entry Price","Avg. Close Price","Closing PNL","Closed Vol.","Opened","Closed","Status"
"ETHUSDT Perpetual","Long","3,900.00 USDT","3,939.00 USDT","+52.03 USDT","1.500 ETH","2025-10-17 10:00:00","2025-10-17 11:30:00","Closed"
"ETHUSDT Perpetual","Short","3,930.00 USDT","3,969.30 USDT","-22.00 USDT","0.500 ETH","2025-10-18 10:00:00","2025-10-18 11:30:00","Closed"
"ETHUSDT Perpetual","Long","3,900.00 USDT","3,861.00 USDT","-86.50 USDT","2.000 ETH","2025-10-19 10:00:00","2025-10-19 11:30:00","Closed"
"""

METATRADER = """Positions
Time\tPosition\tSymbol\tType\tVolume\tPrice\tS / L\tT / P\tTime\tPrice\tCommission\tSwap\tProfit\t
2025.10.17 10:00:00\t101\tETHUSD\tbuy\t1.5\t3900.00\t3880.00\t3939.00\t2025.10.17 11:30:00\t3939.00\t-3.50\t-0.20\t58.50\t
2025.10.18 10:00:00\t102\tETHUSD\tsell\t0.5\t3930.00\t\t\t2025.10.18 11:30:00\t3969.30\t-1.20\t0.00\t-19.65\t
2025.10.19 10:00:00\t103\tETHUSD\tbuy\t2\t3900.00\t\t\t2025.10.19 11:30:00\t3861.00\t-4.10\t0.00\t-78.00\t
"""

#: The columns that all of our own made tables have.
PLAIN = "entry_time,entry_price,exit_time,exit_price,side,size"
PLAIN_ROWS = (
    "2025-10-17T10:00:00Z,3900,2025-10-17T11:30:00Z,3939,long,1.5",
    "2025-10-18T10:00:00Z,3930,2025-10-18T11:30:00Z,3969.3,short,0.5",
    "2025-10-19T10:00:00Z,3900,2025-10-19T11:30:00Z,3861,long,2",
)


def written(path: Path, content: object, encoding: str = "utf-8") -> Path:
    """A file with a text, or with anything else as JSON."""
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding=encoding)
    return path


def plain(path: Path, *rows: str, further: str = "") -> Path:
    """A table of PLAIN columns; `further` names more of them, whose texts the rows have."""
    header = PLAIN + (f",{further}" if further else "")
    return written(path, "".join(f"{line}\n" for line in (header, *(rows or PLAIN_ROWS))))
