"""The readable side of a cycle: each executed notebook as a page without code, the prompt addition as a page, and the cycle's front page.

nbconvert gives the cells' HTML only (its `basic` template, inputs hidden, images embedded); the page around them is ours, since nbconvert's
own pages load scripts from elsewhere. A failed notebook gets a page too, which says so first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from lib.contract.dollars import Coin
from lib.contract.schema import PROMPT_FILE
from lib.contract.standing import file_text
from lib.data.atomic import replace_text
from lib.draw.equity import in_all_words
from lib.draw.findings import told_sentence
from lib.draw.lessons import LessonGroups
from lib.market.terms import Terms
from lib.prompt.layout import MAX_BYTES
from runner.cycle.beside import Beside, sentences_beside, with_sentences
from runner.cycle.body import tidy
from runner.cycle.equity import whole_log_of, with_equity
from runner.cycle.executed import FAILURE_TAG, sign
from runner.cycle.manifest import Manifest
from runner.cycle.message import Picture, first_picture, lessons_of, message_of
from runner.cycle.models import NotebookOutcome
from runner.cycle.noted import lessons_beside, notes_beside, with_notes
from runner.cycle.pages import load_templates, navigation, render
from runner.cycle.plan import NOTEBOOKS
from runner.cycle.prompt_lines import new_lines, prompt_blocks, rules_blocks
from runner.cycle.run_files import results_of
from runner.cycle.zoomed import has_chart, take_blocks, with_charts
from runner.zoom.html import head
from runner.zoom.scripts import ASSETS, leave_scripts, style

FOLDER = "reports"
_PROMPT_PAGE = "prompt_addition"
#: The notebook whose first picture stands on the front page.
_EQUITY_IN = "01_actual_trades"
FRONT_PAGE = "index.html"
#: Characters of text and tables that a report shows: what is laid out takes seconds a megabyte, and nobody reads it.
_SHOWN = 500_000
_TOO_LONG = "Too long for this page; the executed notebook has it.\n"
_TITLE = re.compile(r"\A\s*#[ \t]+(.+?)[ \t#]*(?:\n|\Z)")


#: What folds the opening in JupyterLab; nbconvert would close it at once.
_FOLD = re.compile(r"</?details>|<summary>.*?</summary>")
_ABOUT = "Question, inputs, caveat"


class Bodies:
    """Title and HTML of executed notebooks, which are signed as they are read: what can be done while other notebooks still run."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._signed: dict[str, str] = {}
        self._made: dict[str, tuple[str, str]] = {}
        self._templates_loaded = False

    def make_one(self, outcomes: Mapping[str, NotebookOutcome]) -> bool:
        """Make that of one notebook that has ended, a fraction of a second's work; False where none is left to do.

        Then the templates of the pages are loaded: at the cycle's end, when nothing else is left to do, it would wait for them.
        """
        for notebook in NOTEBOOKS:
            if (
                notebook.name in outcomes
                and notebook.name not in self._made
                and _executed_copy(self._run_dir, notebook.name).is_file()
            ):
                self.of(notebook.name, notebook.title)
                return True
        if self._made and not self._templates_loaded:
            self._templates_loaded = True
            load_templates()
            return True
        return False

    def of(self, name: str, fallback: str) -> tuple[str, str]:
        """Title and HTML of a notebook; `fallback` is the title of one without a heading."""
        if name not in self._made:
            copy = _executed_copy(self._run_dir, name)
            executed = nbformat.read(copy, as_version=4)
            self._signed[name] = sign(copy, executed)
            self._made[name] = title_and_body(executed, fallback)
        return self._made[name]

    def sign_all(self) -> list[str]:
        """Sign the copies that no page was made of; returns a warning for each of all that could not be signed."""
        for notebook in NOTEBOOKS:
            copy = _executed_copy(self._run_dir, notebook.name)
            if notebook.name not in self._signed and copy.is_file():
                self._signed[notebook.name] = sign(copy)
        return [warning for warning in self._signed.values() if warning]


def title_and_body(notebook: NotebookNode, fallback: str) -> tuple[str, str]:
    """The title of a notebook's report and the HTML below it."""
    blocks = take_blocks(notebook)
    title, notebook = split_title(notebook, fallback)
    about = len(notebook.cells) > 1 and notebook.cells[0].cell_type == "markdown"
    if about:
        # Question, inputs and caveat: a page begins with its finding.
        opening = notebook.cells.pop(0)
        notebook.cells.append(nbformat.v4.new_markdown_cell(_FOLD.sub("", opening.source)))
    body = tidy(_cells_of(notebook), title, about=_ABOUT if about else "")
    return title, with_charts(body, blocks)


def _executed_copy(run_dir: Path, name: str) -> Path:
    """Where a cycle leaves the executed copy of a notebook."""
    return run_dir / "notebooks" / f"{name}.ipynb"


def write_reports(
    run_dir: Path, manifest: Manifest, outcomes: Mapping[str, NotebookOutcome], bodies: Bodies | None = None
) -> dict[str, str]:
    """Write the pages of all notebooks that ran and of the prompt addition; returns name → path inside `run_dir`."""
    bodies = bodies or Bodies(run_dir)
    ran = [n for n in NOTEBOOKS if n.name in outcomes and _executed_copy(run_dir, n.name).is_file()]
    names = [notebook.name for notebook in ran] + (
        [_PROMPT_PAGE] if (run_dir / PROMPT_FILE).is_file() else []
    )
    manifest.reports = {name: f"{FOLDER}/{name}.html" for name in names}
    lessons, results = lessons_beside(run_dir), results_of(run_dir)
    beside, notes = sentences_beside(results, manifest, lessons), notes_beside(results, lessons)
    log = whole_log_of(run_dir)
    for notebook in ran:
        title, body = bodies.of(notebook.name, notebook.title)
        body = with_notes(
            with_sentences(body, beside.get(notebook.name, Beside())), notes.get(notebook.name, [])
        )
        if notebook.stage == "history":
            body = with_equity(body, log, Coin.of(manifest.source))
        if has_chart(body):
            leave_scripts(run_dir.parent)
        page = notebook_page(title, body, manifest, notebook.name, outcomes[notebook.name])
        _write(run_dir, manifest, notebook.name, page)
    if _PROMPT_PAGE in names:
        text = file_text(run_dir / PROMPT_FILE)
        _write(run_dir, manifest, _PROMPT_PAGE, prompt_page(text, manifest, lessons_of(run_dir)))
    return manifest.reports


def front_picture(run_dir: Path, manifest: Manifest) -> Picture | None:
    """The picture of a cycle's front page; None where the notebook that has it made no report."""
    return first_picture(_executed_copy(run_dir, _EQUITY_IN)) if _EQUITY_IN in manifest.reports else None


def write_cycle_page(run_dir: Path, manifest: Manifest) -> None:
    """The cycle's front page: what happened, what is proven and told, the headline figures, links to everything in the folder."""
    lessons = lessons_of(run_dir)
    page = render(
        "cycle.html.j2",
        **_frame(manifest, "..", "", FRONT_PAGE),
        files=_files(run_dir),
        message=message_of(manifest, lessons),
        lessons=lessons,
        picture=front_picture(run_dir, manifest),
        in_all=in_all_words(whole_log_of(run_dir), Coin.of(manifest.source)),
    )
    replace_text(run_dir / FRONT_PAGE, page)


def notebook_page(title: str, body: str, manifest: Manifest, name: str, outcome: NotebookOutcome) -> str:
    """The report of one executed notebook."""
    frame = _frame(manifest, "../..", "../", name)
    if has_chart(body):
        frame |= {"scripts": head(f"{frame['to_outputs']}/{ASSETS}/"), "more_style": style()}
    return render("report.html.j2", **frame, title=title, outcome=outcome, body=body)


def prompt_page(text: str, manifest: Manifest, lessons: LessonGroups | None = None) -> str:
    """The lessons that are told, then the prompt addition line by line as it is laid out, and as the text that Claude is given."""
    size = len(text.encode("utf-8"))
    return render(
        "prompt.html.j2",
        **_frame(manifest, "../..", "../", _PROMPT_PAGE),
        blocks=prompt_blocks(text),
        new=new_lines(manifest.prompt_change),
        rules=rules_blocks(Terms.model_validate(manifest.parameters.get("terms", {}))),
        text=text,
        size=size,
        most=MAX_BYTES,
        message=message_of(manifest, lessons),
        # One that a person holds tells other lessons than those of this cycle.
        acted=[] if lessons is None or manifest.prompt_held_since else lessons.act_on,
        told=told_sentence(
            manifest.headline.get("lessons_to_act_on"), manifest.prompt_held_since, prompt=text
        ),
    )


def split_title(notebook: NotebookNode, fallback: str) -> tuple[str, NotebookNode]:
    """The notebook's first heading, and the notebook without it, its failure note, tracebacks (the page has it) and silent cells."""
    cells = [cell for cell in notebook.cells if FAILURE_TAG not in cell.metadata.get("tags", [])]
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type != "error"]
    _leave_out_long(cells)
    cells = [cell for cell in cells if cell.cell_type == "markdown" or cell.get("outputs")]
    title = fallback
    if cells and cells[0].cell_type == "markdown" and (found := _TITLE.match(cells[0].source)):
        title = found[1]
        cells[0] = nbformat.v4.new_markdown_cell(cells[0].source[found.end() :])
    return title, nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)


def _leave_out_long(cells: list[NotebookNode]) -> None:
    """Put a sentence in place of each output that does not fit into what a report shows; pictures always do."""
    left = _SHOWN
    for cell in cells:
        for place, output in enumerate(cell.get("outputs", [])):
            data = output.get("data", {"text/plain": output.get("text", "")})
            size = sum(len(str(shown)) for kind, shown in data.items() if not kind.startswith("image/"))
            if size > left:
                cell.outputs[place] = nbformat.v4.new_output("stream", text=_TOO_LONG)
            else:
                left -= size


def _cells_of(notebook: NotebookNode) -> str:
    """The HTML of a notebook's cells, without the last step of nbconvert's exporter: it takes the whole apart for what `tidy` does."""
    from nbconvert.exporters import TemplateExporter
    from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter

    exporter = _exporter()
    data_type = WidgetsDataTypeFilter({"": notebook.metadata}, parent=exporter)
    exporter.register_filter("filter_data_type", data_type)
    return TemplateExporter.from_notebook_node(exporter, notebook)[0]


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter
    from nbconvert.filters import Highlight2HTML

    exporter = HTMLExporter(
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
        optimistic_validation=True,  # once, not after each step
        mathjax_url="",
        require_js_url="",
        jquery_url="",
    )
    # The template names it, though no code is shown.
    exporter.register_filter("highlight_code", Highlight2HTML())
    return exporter


def _frame(manifest: Manifest, to_outputs: str, to_run: str, current: str) -> dict[str, Any]:
    """What the layout of a page inside a cycle needs; the two paths lead from the page to the folders."""
    return {
        "manifest": manifest,
        "navigation": navigation(manifest),
        "to_outputs": to_outputs,
        "to_run": to_run,
        "current": current,
    }


def _files(run_dir: Path) -> list[str]:
    kept = [*sorted(run_dir.glob("notebooks/*.ipynb")), *sorted(run_dir.glob("results/*.json"))]
    kept += [path for path in sorted(run_dir.iterdir()) if path.suffix in (".json", ".md")]
    return [path.relative_to(run_dir).as_posix() for path in kept]


def _write(run_dir: Path, manifest: Manifest, name: str, page: str) -> None:
    path = run_dir / manifest.reports[name]
    path.parent.mkdir(exist_ok=True)
    replace_text(path, page)
