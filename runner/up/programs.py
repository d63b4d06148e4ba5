"""What `ribbon up` keeps running, and the supervisord configuration that says so.

supervisord restarts what ends, waits longer from try to try, and turns the logs over. What a program needs to be told stands in its command
or in `ribbon.toml`; secrets come from the environment of `ribbon up`, are written nowhere, and reach the parts that need them
(runner.processes.environment).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.errors import ParameterError
from runner.processes.become import command_of
from runner.processes.environment import RUN_VARIABLE
from runner.processes.interpreter import module_command
from runner.warm.address import why_not

FOLDER = ".up"
CONFIG, SOCKET, PID = "supervisord.conf", "up.sock", "supervisord.pid"
#: A unix socket's path may have about 100 characters.
_LONGEST_SOCKET = 100
_LOG_MEGABYTES, _LOG_BACKUPS = 5, 5
#: Tries before supervisord gives a program up; it waits a second longer from each to the next.
_TRIES = 1000


@dataclass(frozen=True)
class Program:
    """One process to keep: its command, how long it must run to count as started, and how long it may take to stop, in seconds."""

    name: str
    command: tuple[str, ...]
    starts_s: int = 5
    stops_s: int = 20


def programs(trading_data: Path, outputs: Path, but: Sequence[str] = ()) -> list[Program]:
    """The programs, without those named in `but` and what cannot be here; raises ParameterError for a name that is none."""
    ribbon, data = module_command("runner.main"), ("--trading-data", str(trading_data))

    def part(name: str, *command: str, **times: int) -> Program:
        # What looks after a part knows no more than the part: it lives as long, and its environment can be read.
        whole = command_of(name, module_command("runner.up.part", name, str(trading_data), *command))
        return Program(name, tuple(whole), **times)

    kept = [
        part("warm", *ribbon, "kernel", "serve"),
        part("collect", *ribbon, "collect", *data, starts_s=30, stops_s=40),
        part("trade", *ribbon, "trade", *data),
        part("cycle", *module_command("runner.up.hourly"), *data, "--outputs", str(outputs), stops_s=60),
        part("serve", *ribbon, "serve", *data, "--outputs", str(outputs), "--hide-token"),
    ]
    unknown = set(but) - {program.name for program in kept}
    if unknown:
        raise ParameterError(
            f"--without {', '.join(sorted(unknown))}: it keeps {', '.join(p.name for p in kept)}"
        )
    left_out = {*but, *(["warm"] if why_not() else [])}
    return [program for program in kept if program.name not in left_out]


def mark_of(folder: Path) -> str:
    """What marks the programs of the `up` whose files lie in `folder`, so that a later one finds those that it left."""
    return f"up {folder}"


def supervisord_config(kept: Sequence[Program], folder: Path) -> str:
    """The configuration of supervisord; socket, logs and pid file lie in `folder`. Raises ParameterError for a path that is too long."""
    place = folder / SOCKET
    if len(str(place)) > _LONGEST_SOCKET:
        raise ParameterError(f"{place}: too long for a socket; use a data folder with a shorter path")
    rotated = f"maxbytes = {_LOG_MEGABYTES}MB", f"backups = {_LOG_BACKUPS}"
    parts = [
        _section(
            "supervisord",
            f"pidfile = {_plain(folder / PID)}",
            f"logfile = {_plain(folder / 'supervisord.log')}",
            *(f"logfile_{line}" for line in rotated),
            "nodaemon = true",
            "silent = true",
            f'environment = {RUN_VARIABLE}="{_plain(mark_of(folder))}"',
        ),
        _section("unix_http_server", f"file = {_plain(place)}", "chmod = 0700"),
        _section("supervisorctl", f"serverurl = unix://{_plain(place)}"),
        _section(
            "rpcinterface:supervisor",
            "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
        ),
    ]
    for program in kept:
        parts.append(
            _section(
                f"program:{program.name}",
                f"command = {' '.join(_word(word) for word in program.command)}",
                "autostart = true",
                "autorestart = true",
                f"startsecs = {program.starts_s}",
                f"startretries = {_TRIES}",
                f"stopwaitsecs = {program.stops_s}",
                "stopsignal = TERM",
                "stopasgroup = false",
                "killasgroup = true",
                "redirect_stderr = true",
                f"stdout_logfile = {_plain(folder / f'{program.name}.log')}",
                *(f"stdout_logfile_{line}" for line in rotated),
            )
        )
    return "\n".join(parts)


def _section(name: str, *lines: str) -> str:
    return "\n".join([f"[{name}]", *lines, ""])


def _plain(text: object) -> str:
    """supervisord takes % for the start of a variable."""
    return str(text).replace("%", "%%")


def _word(text: str) -> str:
    """One word of a command, quoted as supervisord's shlex reads it."""
    import shlex

    return _plain(shlex.quote(text))
