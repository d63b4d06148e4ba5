"""Imported by a warm server alone: one page is made at its import, so that what reads and compiles templates has done so in every fork."""

from __future__ import annotations

import nbformat

from runner.cycle.pages import load_templates
from runner.cycle.reports import title_and_body

_CELLS = [nbformat.v4.new_markdown_cell("# 0"), nbformat.v4.new_markdown_cell("0")]
title_and_body(nbformat.v4.new_notebook(cells=_CELLS), "")
load_templates()
