"""The kernelspec by which JupyterLab, papermill and nbval choose warm kernels: `ribbon`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from runner.processes.scratch import private_folder, remove_folder
from runner.warm.provisioner import NAME as PROVISIONER

NAME = "ribbon"
_SPEC = {
    "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Ribbon Lab (warm)",
    "language": "python",
    "interrupt_mode": "signal",
    "metadata": {"debugger": True, "kernel_provisioner": {"provisioner_name": PROVISIONER, "config": {}}},
}


def install_kernelspec(user: bool = False, prefix: str | None = None) -> Path:
    """Install it for this environment (or under `prefix`), with `user` for all Jupyters of this user; returns its folder."""
    from jupyter_client.kernelspec import KernelSpecManager

    folder = private_folder("rib-spec")
    try:
        spec = folder / NAME
        spec.mkdir()
        (spec / "kernel.json").write_text(json.dumps(_SPEC, indent=1), encoding="utf-8")
        place = KernelSpecManager().install_kernel_spec(
            str(spec), NAME, user=user, prefix=None if user else prefix or sys.prefix
        )
    finally:
        remove_folder(folder)
    return Path(place)
