"""The papermill engine of a cycle: papermill's own, with a bound on output, and without what makes a notebook of quick cells wait.

papermill writes the whole notebook twice a cell, and jupyter_client listens a fifth of a second for nothing before the first one; with
kernels that start at once those two are a third of a notebook's time. Here a cell that is still running after half a second is written
with all before it, so that a copy tells where a run was killed; quick ones are written with the next slow one, or at the end.

Output is counted where it arrives, in all that the kernel sends, before anything is made of it: a display that is replaced a thousand times
and one giant line pass here like many small ones. The copy of a run that was stopped for it keeps the beginning.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.session import Session
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from traitlets import Int, Type, default

from runner.cycle.executed import cut_outputs
from runner.cycle.models import WAITS

NAME = "ribbon"
_SLOW_S = 0.5
#: Kept of what was printed by a notebook that printed too much, in bytes: enough to see what it was.
_KEPT = 100_000


class OutputPassed(SystemExit):
    """The kernel has sent more than its notebook may. A SystemExit, which an event loop lets through at once from any task."""


class _SlowCellSaver(NotebookExecutionManager):
    """Writes the notebook at its start, at its end, and while a cell takes long."""

    _whole = True
    _timer: asyncio.TimerHandle | None = None
    note: Path | None = None
    before_reading: Callable[[], None] = staticmethod(lambda: None)

    def cell_start(self, cell: Any, cell_index: int | None = None, **kwargs: Any) -> None:
        """Mark the cell as running, and note its place where a kill leaves it to be found."""
        if not set(WAITS).isdisjoint(cell.metadata.get("tags", [])):
            self.before_reading()
        if self.note is not None:
            self.note.write_text(f"{cell_index}\n", encoding="ascii")
        self._without_saving(super().cell_start, cell, cell_index, **kwargs)

    def cell_complete(self, cell: Any, cell_index: int | None = None, **kwargs: Any) -> None:
        """Mark the cell as done."""
        if self._timer is not None:
            self._timer.cancel()
        self._without_saving(super().cell_complete, cell, cell_index, **kwargs)

    def save(self, **kwargs: Any) -> None:
        """Write the notebook, but not for a mark alone."""
        if self._whole:
            super().save(**kwargs)

    async def cell_runs(self, cell: Any, cell_index: int) -> None:
        """nbclient's hook, called in its event loop: have the notebook written in a while, from the same thread."""
        self._timer = asyncio.get_running_loop().call_later(_SLOW_S, self.save)

    def _without_saving(self, mark: Any, *arguments: Any, **kwargs: Any) -> None:
        self._whole = False
        try:
            mark(*arguments, **kwargs)
        finally:
            self._whole = True


class _CycleEngine(NBClientEngine):
    """papermill's engine with the saver and the client of this module."""

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,
        kernel_name: str | None,
        output_path: str | None = None,
        progress_bar: bool = True,
        log_output: bool = False,
        autosave_cell_every: int = 30,
        cell_note: Path | None = None,
        before_reading: Callable[[], None] = lambda: None,
        **kwargs: Any,
    ) -> Any:
        """Run the notebook (papermill.engines.Engine.execute_notebook); `cell_note` is told the place of each cell that starts.

        `before_reading` is called before a cell that reads the data or what other notebooks left, and may keep it waiting.
        """
        saver = _SlowCellSaver(nb, output_path, log_output, progress_bar, autosave_cell_every)
        saver.note, saver.before_reading = cell_note, before_reading
        saver.notebook_start()
        try:
            cls.execute_managed_notebook(
                saver,
                kernel_name,
                log_output=log_output,
                on_cell_start=saver.cell_runs,
                kernel_manager_class=PromptKernelManager,
                **kwargs,
            )
        except OutputPassed:
            cut_outputs(saver.nb, _KEPT)
            raise
        finally:
            saver.cleanup_pbar()
            saver.notebook_complete()
        return saver.nb


class _PromptClient(AsyncKernelClient):
    """A client that is ready when the kernel is; what still comes of the greeting belongs to no cell, and nbclient passes it over."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for the kernel's greeting on both channels; raises RuntimeError when it dies or `timeout` seconds have passed."""
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            self.kernel_info()
            try:
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await self.iopub_channel.get_msg(timeout=0.2)
                    self._handle_kernel_info_reply(reply)
                    return
            except Empty:
                pass
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout:.0f} seconds")


class MeteredSession(Session):
    """Takes messages apart as any session does, and counts their bytes on all channels of one kernel."""

    limit = Int(config=True, help="Bytes that the kernel may send.")
    _received = 0

    def feed_identities(self, msg_list: Any, copy: bool = True) -> Any:
        """The first thing done to a message that came; raises OutputPassed."""
        self._received += sum(len(frame) for frame in msg_list)
        if self._received > self.limit:
            raise OutputPassed
        return super().feed_identities(msg_list, copy)


class PromptKernelManager(AsyncKernelManager):
    """Gives out PromptClients, with one metered session for all channels."""

    client_factory = Type(klass=AsyncKernelClient, default_value=_PromptClient, config=True)

    @default("session")
    def _metered(self) -> Session:
        return MeteredSession(parent=self)


papermill_engines.register(NAME, _CycleEngine)
