"""Runs one notebook through papermill, in a process of its own: `python -m runner.cycle.child`, the job as one line of JSON on stdin.

A process each, because papermill changes the working directory. Stdin stays open as long as the runner lives: at its end this process
kills everything below it and goes, however the runner died. What happened is left in the job's `verdict` file as JSON {"error",
"traceback", "passed", "attempts"}, `passed` being the limit that was passed ("", "time", "output"); no such file means that this process
did not reach its end. A job that is begun `early` holds before its first cell that reads the data or what other notebooks left, until it is
told on stdin to go on; the time it waits counts towards no limit.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.contract.standing import file_text

#: Taken before the imports that cost seconds: they count towards the limit too.
STARTED = time.monotonic()
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
EXIT_ORPHANED = 9
#: Beside the verdict: the place of the cell that started last, and that the notebook waits for the runner to say GO_ON.
CELL_NOTE, WAITING_NOTE = "cell", "waits"
GO_ON = b"go on\n"
_NEWEST_FORMAT = 4
_SAVE_AS_OLDER = (
    "Open it in the program that wrote it, and save it in format 4 (a JupyterLab of today writes that)"
)
#: What the kernel calls a cell that asks a person, and what is said in place of its words.
_ASKS, _NOBODY = (
    "StdinNotImplementedError",
    "Nobody can be asked in a cycle: write the value in the cell, or make it a parameter",
)
#: What jupyter_client says of a kernel that gives no sign in the time for its start, and what to do.
_SILENT = "Kernel didn't respond"
_SLOW_MACHINE = ". The machine is slow or busy: raise `[cycle] limit_s`"
_CHOOSE_KERNEL = "Open it in JupyterLab, choose the kernel Python 3 (python3), and save it"
#: What nbclient is told to take for the kernel's answer when a cell is interrupted for its time.
_TIME_IS_UP = {"ename": "TimeoutError", "evalue": "the notebook's time limit", "traceback": []}


def inner_limit(limit_s: float) -> float:
    """Seconds after which a cell is interrupted: early enough before the outer wall that the traceback can still be written."""
    return max(0.5 * limit_s, limit_s - min(15.0, max(2.0, 0.1 * limit_s)))


def start_limit(left: int) -> int:
    """Seconds that a kernel may take to start, of those that are left: a minute, or half, so that there is time for another start."""
    return max(min(60, left), left // 2)


def main() -> None:
    """Read the job, run it, leave the verdict."""
    line, more = _first_line()
    job = json.loads(line)
    wait = Wait(Path(job["folder"]) / WAITING_NOTE if job["early"] else None)
    if more:
        wait.end()
    threading.Thread(target=_follow_runner, args=(job["run"], job["folder"], wait), daemon=True).start()
    from runner.processes.tree import adopt_orphans, end_descendants

    adopt_orphans()
    verdict = run(job, wait)
    verdict_file = Path(job["verdict"])
    unfinished = verdict_file.with_suffix(".part")
    unfinished.write_text(json.dumps(verdict), encoding="utf-8")
    unfinished.replace(verdict_file)
    end_descendants(os.getpid())  # who left the tree is looked for by the runner, which sees this end
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # no waiting for the threads of sockets whose kernel is dead


class Wait:
    """Holds a notebook that was begun early before its first cell that reads what is not there yet, until the runner says to go on."""

    def __init__(self, note: Path | None = None) -> None:
        """`note` is written when it begins to wait; None: it need not wait."""
        self._note = note
        self._over = threading.Event()
        self.seconds = 0.0

    def __call__(self) -> None:
        """Return once the notebook may go on."""
        if self._note is None:
            return
        began = time.monotonic()
        self._note.touch()
        self._note = None
        self._over.wait()
        self.seconds = time.monotonic() - began

    def end(self) -> None:
        """The notebook may go on."""
        self._over.set()


def run(job: dict[str, Any], wait: Wait | None = None) -> dict[str, Any]:
    """Execute the notebook of `job`; a kernel that never came up is started once more. Returns the verdict."""
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError
    from papermill.exceptions import PapermillExecutionError

    from runner.cycle.engine import OutputPassed
    from runner.cycle.executed import UNTOLD

    wait = wait or Wait()
    deadline = STARTED + inner_limit(job["limit_s"])
    verdict: dict[str, Any] = {"error": _unfit(job), "traceback": "", "passed": "", "attempts": 0}

    def note_timeout(cell: object, cell_index: int, execute_reply: dict[str, Any]) -> None:
        if execute_reply["content"].get("evalue") == _TIME_IS_UP["evalue"]:
            verdict["passed"] = "time"

    while not verdict["error"]:
        verdict["attempts"] += 1
        try:
            _execute(job, deadline, note_timeout, wait)
        except PapermillExecutionError as error:
            told = _NOBODY if error.ename == _ASKS else error.evalue
            words = f"{error.ename}: {told}".removesuffix(": ")
            verdict["error"] = words if error.traceback else UNTOLD
            verdict["traceback"] = _ANSI.sub("", "\n".join(error.traceback))
        except CellTimeoutError as error:
            # The cell swallowed the interrupt, or its kernel hangs outside Python.
            verdict |= {"error": str(error), "passed": "time"}
        except OutputPassed:
            verdict["passed"] = "output"
        except NoSuchKernel as error:
            verdict["error"] = f"{error}. {_CHOOSE_KERNEL}"
        except Exception as error:
            again = verdict["attempts"] == 1 and time.monotonic() < deadline + wait.seconds
            if again and not _any_cell_ran(Path(job["output"])):
                continue
            told = str(error).strip() or "no message"
            verdict["error"] = f"{type(error).__name__}: {told}" + _SLOW_MACHINE * (_SILENT in told)
        break
    return verdict


def _unfit(job: dict[str, Any]) -> str:
    """That a notebook is of a newer format, or is to be run by no kernel, and what to do; "" of one that cannot be read, which is told by
    who runs it.
    """
    try:
        notebook = json.loads(file_text(job["source"]))
        named = job["kernel_name"] or notebook.get("metadata", {}).get("kernelspec", {}).get("name")
        newer = int(notebook.get("nbformat", 0)) > _NEWEST_FORMAT
    except (OSError, ValueError, TypeError, RecursionError, AttributeError):
        return ""
    if newer:
        told = f"{notebook['nbformat']}.{notebook.get('nbformat_minor', 0)}"
        return f"The notebook is of format {told}, and {_NEWEST_FORMAT} is the newest that can be read. {_SAVE_AS_OLDER}"
    return "" if named else f"The notebook names no kernel. {_CHOOSE_KERNEL}"


def _execute(job: dict[str, Any], deadline: float, note_timeout: Callable[..., None], wait: Wait) -> None:
    import papermill
    from traitlets.config import Config

    from runner.cycle import engine

    def seconds_left(cell: object = None) -> int:
        return max(1, int(deadline + wait.seconds - time.monotonic()))

    papermill.execute_notebook(
        _as_template(job["source"]),
        _as_template(job["output"]),
        # As in JupyterLab: helpers beside it are imported, and nothing of the folder that `ribbon` is started in.
        cwd=job["cwd"],
        parameters=job["parameters"],
        engine_name=engine.NAME,
        cell_note=Path(job["verdict"]).with_name(CELL_NOTE),
        before_reading=wait,
        kernel_name=job["kernel_name"],
        language=_language(job),
        progress_bar=False,
        start_timeout=start_limit(seconds_left()),
        # The rest is nbclient's. Papermill's own time limit is for each cell; this one is for all of them together.
        timeout_func=seconds_left,
        interrupt_on_timeout=True,
        error_on_timeout=_TIME_IS_UP,
        on_cell_error=note_timeout,
        shutdown_kernel="immediate",
        config=Config(
            {"PromptKernelManager": _transport(), "MeteredSession": {"limit": job["output_bytes"]}}
        ),
    )


def _language(job: dict[str, Any]) -> str | None:
    """The language of the kernel, for a notebook that names none, as one that a program wrote; None for one that does.

    Raises jupyter_client.kernelspec.NoSuchKernel where that kernel is not installed.
    """
    from jupyter_client.kernelspec import get_kernel_spec

    told = json.loads(file_text(job["source"]))["metadata"]
    if told.get("language_info", {}).get("name"):
        return None
    return str(get_kernel_spec(job["kernel_name"] or told["kernelspec"]["name"]).language)


def _transport() -> dict[str, str]:
    """Sockets in this run's private folder: no open ports, no races for them.

    The address must be given. Left out, jupyter_client takes `kernel-ipc` in the working directory for every kernel, and two
    kernels then answer for each other.
    """
    if os.name == "nt":
        return {"transport": "tcp"}
    folder = Path(os.environ["JUPYTER_RUNTIME_DIR"])
    return {"transport": "ipc", "ip": str(folder / f"k-{secrets.token_hex(3)}")}


def _as_template(path: str) -> str:
    """Papermill formats paths with the parameters; braces in a folder's name are meant as they are."""
    return path.replace("{", "{{").replace("}", "}}")


def _any_cell_ran(output: Path) -> bool:
    try:
        cells = json.loads(file_text(output))["cells"]
    except (OSError, ValueError, KeyError):
        return False
    return any(cell["metadata"].get("papermill", {}).get("start_time") for cell in cells)


def _first_line() -> tuple[bytes, bytes]:
    """The first line of stdin, and what of the next came with it."""
    line = b""
    while b"\n" not in line:
        part = os.read(0, 65536)
        if not part:
            break
        line += part
    line, _, more = line.partition(b"\n")
    return line, more


def _follow_runner(run_mark: str, folder: str, wait: Wait) -> None:
    """Pass on what the runner says, until the end of stdin, which comes when the runner is gone; then leave nothing behind."""
    while os.read(0, 4096):
        wait.end()
    from runner.processes.tree import end_descendants

    end_descendants(os.getpid(), run_mark)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(EXIT_ORPHANED)


if __name__ == "__main__":
    main()
