"""One part of `ribbon up`: `python -m runner.up.part NAME FOLDER COMMAND…`, which supervisord starts with the part's own environment.

A part that cannot work yet waits. It is not started before there is what it needs (the loop: a first sample in FOLDER); one that refuses to
work, by an exit code that names a reason, is tried again by and by. What it waits for is said in one sentence, once, and not at each try:
a log and a person's notifications are for what is new. Any other end is this process's too, and supervisord's to mend.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from runner.processes.become import command_of
from runner.terminal.gate import say
from runner.up.readiness import lacks_samples
from runner.up.stopped import note_started, note_stopped

#: Seconds before the next try, the last for all further ones.
_WAITS_S = (5.0, 10.0, 20.0, 30.0, 60.0)
#: What ran so long had worked: what it says at its end is new.
_WORKED_S = 60.0
#: What is said within so many seconds of a start is held back until it is known whether it is only that the part refuses; where much
#: else runs, the loop takes 15 to come to that.
_HELD_S = 30.0
#: An end by a signal, a traceback or Ctrl-C is no reason that somebody could wait for to go away.
_NO_REASON = (0, 1, 130)
_LOOK_S = 1.0


class Relay:
    """Passes on what a part says, line by line; at its start held back until `release`."""

    def __init__(self, said: IO[bytes], to: IO[bytes]) -> None:
        self.last = b""
        self._lines: list[bytes] = []
        self._said, self._to, self._held = said, to, True
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Pass on what was held back, and from now on everything at once."""
        with self._lock:
            if self._held:
                self._held = False
                self._to.writelines(self._lines)
                self._to.flush()

    def finish(self) -> None:
        """Wait until all is read."""
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        with self._said:
            for line in self._said:
                with self._lock:
                    self.last = line.strip() or self.last
                    if self._held:
                        self._lines.append(line)
                    else:
                        self._to.write(line)
                        self._to.flush()


class Part:
    """Runs a part until `stop`."""

    def __init__(self, name: str, command: list[str], stop: threading.Event) -> None:
        self.name, self.command, self.stop = name, command, stop
        self._told = ""

    def run(self) -> int:
        """Its exit code, once it has ended otherwise than by refusing; 0 when it was stopped."""
        tries = 0
        while not self.stop.is_set():
            began = time.monotonic()
            code, last = self._once()
            if code in _NO_REASON or code < 0 or self.stop.is_set():
                return 0 if self.stop.is_set() else code if code >= 0 else 128 - code
            if time.monotonic() - began > _WORKED_S:
                tries, self._told = 0, ""
            reason = last.decode("utf-8", errors="replace").removeprefix("ribbon: ")
            self.say_waits(f"{reason or f'it ended with exit code {code}'} (it is tried again by itself)")
            self.stop.wait(_WAITS_S[min(tries, len(_WAITS_S) - 1)])
            tries += 1
        return 0

    def wait_while(self, lacks: Callable[[], str]) -> None:
        """Return once nothing is lacking any more, or it is to stop."""
        while what := lacks():
            self.say_waits(what)
            if self.stop.wait(_LOOK_S):
                return

    def say_waits(self, what: str) -> None:
        """Say what it waits for, unless that was the last thing said."""
        if what != self._told:
            self._told = what
            say(f"{self.name} waits: {what}", err=False)

    def _once(self) -> tuple[int, bytes]:
        """Run it to its end; its exit code, and the last line that it said."""
        process = subprocess.Popen(
            command_of(self.name, self.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdout is not None
        relay, began, asked = Relay(process.stdout, sys.stdout.buffer), time.monotonic(), False
        while process.poll() is None:
            if self.stop.wait(0.1) and not asked:
                asked = True
                process.terminate()
            if time.monotonic() - began > _HELD_S:
                relay.release()
            if asked:
                time.sleep(0.1)
        relay.finish()
        if asked or process.returncode in _NO_REASON or process.returncode < 0:
            relay.release()
        return process.returncode, relay.last


def main() -> None:
    """Run the part until it ends, or SIGTERM or Ctrl-C."""
    name, folder, *command = sys.argv[1:]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: (note_stopped(Path(folder), name), stop.set()))
    note_started(Path(folder), name)
    part = Part(name, command, stop)
    if name == "trade":
        part.wait_while(lambda: lacks_samples(Path(folder)))
    sys.exit(part.run())


if __name__ == "__main__":
    main()
