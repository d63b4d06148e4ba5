"""What a person can do about a chart, or an exchange's market, whose samples are not `ok` (docs/data-contracts.md): a sentence each."""

from __future__ import annotations

#: Quality of a sample → what helps.
REMEDIES = {
    "frozen": "The chart stands still: reload its page, close what covers it, see that it is logged in",
    "venue_mismatch": "Let the ribbon's study be of the chart's own market; lines that are no EMA of the close want check_venue = false",
    "partial": "Let the study show every line that the file was begun with, and the chart load enough history for the longest one",
}
#: The same of a sample that was collected from an exchange.
VENUE_REMEDIES = {
    "frozen": "Nothing was traded for a minute: nothing to do if it passes; see on the exchange's page whether the market is open",
    "partial": "The market is younger than its longest lines need: nothing to do but wait, or collect an older one",
}
