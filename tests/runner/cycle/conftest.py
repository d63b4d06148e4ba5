"""A small market of real files, and tiny notebooks that stand where the real six do."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lib.market.terms import DEFAULT_TERMS
from runner.cycle.models import WAITS
from runner.cycle.plan import NOTEBOOKS
from runner.cycle.stages import Settings

COMMON = 'trading_data = ""\nrun_dir = ""\nas_of = ""\nlookback_hours = 24.0'
TERMS = "fee_pct = 0.0\nslippage_pct = 0.0\ntarget_pct = 0.0\nstop_pct = 0.0\nhold_minutes = 0.0"
PARAMETERS = {
    "analyze": f"{COMMON}\n{TERMS}",
    "compile": f"{COMMON}\npublish = False\nforce = False\nterms = {{}}",
    "history": f"{COMMON}\npublish = False",
}
ANALYZE = """import json, pathlib
file = pathlib.Path(run_dir) / "results" / "{result}.json"
figures = {{"total_trades": 18, "win_rate": 44.4, "total_pnl": -12.5, "total_pnl_pct": -0.31,
            "scalper_score": {{"total": 41.0, "grade": "F"}}, "current_regime": "RANGING_QUIET"}}
_ = file.write_text(json.dumps({{"name": "{result}", "as_of": as_of, "result": figures}}))"""
COMPILE = """import json, pathlib
run = pathlib.Path(run_dir)
found = sorted(path.stem for path in (run / "results").glob("*.json"))
texts = {"training_insights.json": json.dumps({"last_updated": as_of, "found": found}), "prompt_addition.md": "# NOTES\\n\\n- n = 18\\n"}
for name, text in texts.items():
    for folder in [run] + [pathlib.Path(trading_data)] * publish:
        _ = (folder / name).write_text(text)"""
HISTORY = """import pathlib
file = pathlib.Path(trading_data) / "training_history.jsonl"
_ = file.write_text(as_of) if publish else None"""
TABLE = """from IPython.display import HTML, Image, display
display(HTML("<table class='dataframe'><thead><tr><th>setup</th><th>n</th></tr></thead>"
             "<tbody><tr><td>LONG</td><td>18</td></tr></tbody></table>"))
pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
import base64
Image(base64.b64decode(pixel))"""


def write_notebook(
    path: Path, *cells: str, parameters: str = COMMON, title: str = "Tiny", waits: int | None = None
) -> Path:
    """A notebook of a heading, a tagged parameters cell and code cells; before the one numbered `waits` it can wait for others."""
    tagged = new_code_cell(parameters, metadata={"tags": ["parameters"]})
    notebook = new_notebook(
        cells=[new_markdown_cell(f"# {title}\n\nWords."), tagged, *map(new_code_cell, cells)]
    )
    if waits is not None:
        notebook.cells[2 + waits].metadata["tags"] = [WAITS[1]]
    notebook.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def write_plan(folder: Path, **instead: str) -> Path:
    """All six tiny notebooks; `instead` maps a number such as n02 to the code it runs in place of its own."""
    for notebook in NOTEBOOKS:
        own = {"compile": COMPILE, "history": HISTORY}.get(
            notebook.stage, ANALYZE.format(result=notebook.name[3:])
        )
        code = instead.get(f"n{notebook.name[:2]}", own)
        cells = [code, TABLE] if notebook.name[:2] == "01" and code == own else [code]
        parameters = PARAMETERS[notebook.stage]
        path = folder / f"{notebook.name}.ipynb"
        write_notebook(path, *cells, parameters=parameters, title=notebook.title, waits=0)
    return folder


def write_market(folder: Path) -> Path:
    """Two hours of data that end at 2025-06-15T11:00:00Z: nothing moves, nobody decides."""
    folder.mkdir(parents=True)
    minutes = [f"2025-06-15T{9 + minute // 60:02d}:{minute % 60:02d}:00Z" for minute in range(1, 120)]
    minutes.append("2025-06-15T11:00:00Z")
    rows = [f"{stamp},100.0,mixed,100.0,ok,share85-1,SYNTHETIC-TEST,{n}" for n, stamp in enumerate(minutes)]
    head = "timestamp,price,state,MMA5,quality,classifier,symbol,seq"
    for step, count in ((5, 24), (15, 8)):
        (folder / f"ema_data_{step}min.csv").write_text("\n".join([head, *rows]) + "\n")
        opens = [f"2025-06-15T{9 + n * step // 60:02d}:{n * step % 60:02d}:00Z" for n in range(count)]
        candles = [f"{stamp},100,101,99,100,1" for stamp in opens]
        text = "\n".join(["timestamp,open,high,low,close,volume", *candles]) + "\n"
        (folder / f"candlesticks_{step}min.csv").write_text(text)
    return folder


def fingerprint(folder: Path) -> dict[str, str]:
    """Hash of each file, locks left out."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".locks" not in path.parts]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def is_signed(path: Path) -> bool:
    """Whether JupyterLab would trust the notebook's outputs."""
    with contextlib.closing(NotebookNotary()) as notary:
        return notary.check_signature(nbformat.read(path, as_version=4))


@pytest.fixture
def market(tmp_path):
    return write_market(tmp_path / "market")


@pytest.fixture
def settings_for(tmp_path, market, forked):
    """Settings of a cycle on the small market with the tiny notebooks, some of them replaced."""

    def make(limit_s: float = 60.0, as_of: str = "newest", force: bool = False, **instead: str) -> Settings:
        return Settings(
            trading_data=market,
            outputs=tmp_path / "outputs",
            terms=DEFAULT_TERMS,
            as_of=as_of,
            force=force,
            jobs=2,
            limit_s=limit_s,
            notebooks=write_plan(tmp_path / "notebooks", **instead),
        )

    return make


@pytest.fixture(scope="session")
def tiny():
    """The makers of tiny notebooks and markets, for tests that need them elsewhere than in tmp_path."""

    class Tiny:
        notebook = staticmethod(write_notebook)
        plan = staticmethod(write_plan)
        market = staticmethod(write_market)
        fingerprint = staticmethod(fingerprint)

    return Tiny
