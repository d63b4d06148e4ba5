"""What a warm process has imported before anything is forked from it: everything slow that notebooks and the cycle use.

Our own modules too, but a fork always runs the code that lies on the disk now: a server for one cycle imports them when the cycle begins,
and what a kept server has of them is used only while none of our files has changed (`runner.warm.address.code_state`).
"""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Sequence
from importlib import import_module

from runner.warm.deferred import deferred_grammar

#: Packages whose modules are ours: dropped from a fork that is to import them itself.
OURS = ("lib", "runner", "tests", "bench")
MODULES: tuple[str, ...] = (
    # what a kernel starts with
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "tornado.locks",
    "tornado.platform.asyncio",
    # what our notebooks and lib use
    "pandas",
    "pandas.io.formats.csvs",
    "pandas.io.formats.string",
    "pandas.io.formats.style",
    "matplotlib.pyplot",
    "matplotlib.dates",
    "matplotlib.backends.backend_agg",
    "scipy.stats",
    "scipy.signal",
    "pydantic",
    "pydantic.fields",
    "pydantic.main",
    "pydantic.plugin._loader",
    "pydantic.types",
    "pydantic.functional_validators",
    "pydantic.plugin._schema_validator",
    "pydantic.type_adapter",
    "statistics",
    "vectorbt",
    "vectorbt_rust",
    # what runs a notebook
    "papermill",
    "papermill.execute",
    "jupyter_client",
    "nbclient",
    "nbformat.sign",
    "psutil",
)
#: A third of the time of all, and one notebook of a cycle uses it: a server for one cycle leaves it to that notebook's kernel, which
#: imports it while the others run.
ONE_USER: tuple[str, ...] = ("vectorbt", "vectorbt_rust")
#: What makes reports of notebooks, and what the command around them uses: only a kept server forks these.
COMMAND_MODULES: tuple[str, ...] = (
    "nbconvert",
    "bs4",
    "nh3",
    "jinja2",
    "pydantic_settings",
    "rich.live",
    "rich.table",
    "typer",
)

#: What the notebooks of a cycle import of ours, and what runs them.
OUR_MODULES: tuple[str, ...] = (
    "lib.analysis.actual_trades",
    "lib.analysis.optimal_vs_actual",
    "lib.analysis.past_events",
    "lib.analysis.publish",
    "lib.analysis.regime_and_wicks",
    "lib.analysis.sentences",
    "lib.analysis.smart_backtest",
    "lib.draw.actual_trades",
    "lib.draw.answers",
    "lib.draw.compiled",
    "lib.draw.equity",
    "lib.draw.experiment",
    "lib.draw.explore",
    "lib.draw.grid",
    "lib.draw.groups",
    "lib.draw.hindsight",
    "lib.draw.history",
    "lib.draw.lanes",
    "lib.draw.lesson_effects",
    "lib.draw.lessons",
    "lib.draw.moved",
    "lib.draw.optimal_vs_actual",
    "lib.draw.png",
    "lib.draw.regime_and_wicks",
    "lib.draw.regime_finding",
    "lib.draw.smart_backtest",
    "lib.draw.summaries",
    "lib.draw.told_from",
    "lib.draw.trade_list",
    "lib.history.report",
    "lib.history.trends",
    "lib.history.whole_log",
    "lib.published.cycle",
    "runner.cycle.engine",
    "runner.warm.provisioner",
)
#: And what the command itself imports of ours.
OUR_COMMAND_MODULES: tuple[str, ...] = (
    "lib.lessons.rebuilding",
    "runner.claude.settings",
    "runner.cli.cycle",
    "runner.collect.settings",
    "runner.config",
    "runner.cycle.cycle",
    "runner.cycle.page_made",
    "runner.cycle.progress",
    "runner.cycle.settings",
    "runner.exchange.settings",
    "runner.experiment.settings",
    "runner.notify.messages",
    "runner.notify.notifier",
    "runner.processes.address_space",
    "runner.processes.wall",
    "runner.serve.settings",
    "runner.trade.settings",
    "runner.warm.foreground",
)


def preload(modules: Sequence[str] = MODULES) -> dict[str, str]:
    """Import `modules` and draw one figure (fonts are looked up then); returns what could not be imported, with the reason.

    What is there already, in a server that was forked itself, is passed over. A module that fails here fails again, with its full
    traceback, in the notebook that needs it.
    """
    failed: dict[str, str] = {}
    modules = [name for name in modules if name not in sys.modules]
    with deferred_grammar():
        for name in modules:
            try:
                import_module(name)
            except Exception as error:
                failed[name] = f"{type(error).__name__}: {error}"
    if "matplotlib.pyplot" in modules and "matplotlib.pyplot" not in failed:
        _draw_once()
    if "nbformat.sign" in modules and "nbformat.sign" not in failed:
        _validate_once()
    if "jupyter_client" in modules and "jupyter_client" not in failed:
        _provisioners_once()
    if "pydantic" in modules and "pydantic" not in failed:
        _model_once()
    gc.collect()
    # Kept out of later collections: a collection in a fork would write to, and so copy, every page of what is shared.
    gc.freeze()
    return failed


def _draw_once() -> None:
    """One figure to nowhere, past pyplot: its backend must be chosen by the fork, which has a shell to show figures in."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([0.0, 1.0], label="1")
    axes.set_title("0", fontweight="bold")
    axes.set_xlabel("0", fontstyle="italic")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")


def _provisioners_once() -> None:
    """Who can start kernels: jupyter_client asks all installed packages. Who does by default is read from the environment of a fork."""
    from jupyter_client.provisioning import KernelProvisionerFactory

    KernelProvisionerFactory.instance()


def _model_once() -> None:
    """A model of nothing: pydantic looks through all installed packages for plugins of its own at the first one."""
    import pydantic

    pydantic.create_model("Nothing")


def _validate_once() -> None:
    """An empty notebook: the validator of the format is compiled then, and kept."""
    import nbformat

    nbformat.validate(nbformat.v4.new_notebook())
