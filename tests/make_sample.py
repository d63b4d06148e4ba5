"""Make the fixed synthetic market of the notebook tests: python -m tests.make_sample FOLDER

Seven days, because lines of 145 periods of 15 minutes need four and a half to warm up. Made anew only when a source that could
change it has changed, so that a second run costs nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAKERS = (
    "lib/contract",
    "lib/data",
    "lib/market",
    "lib/simulation",
    "runner/files",
    "runner/fetch",
    "runner/cli",
    "tests/make_sample.py",
    "constraints.txt",
)
DAYS, SEED = 7, 11


def makers_hash() -> str:
    """One hash over every source that takes part in making the sample."""
    digest = hashlib.sha256()
    for maker in MAKERS:
        path = ROOT / maker
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(str(source.relative_to(ROOT)).encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def ensure_sample(folder: Path) -> Path:
    """Make the sample in `folder` unless a current one is there; safe when two processes ask at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made_from = folder.with_suffix(".sha256")
    with folder.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel frees it, also from a process that was killed
        current = makers_hash()
        if folder.is_dir() and made_from.is_file() and made_from.read_text(encoding="utf-8") == current:
            return folder
        unfinished = folder.with_suffix(".unfinished")
        for leftover in (unfinished, folder):
            shutil.rmtree(leftover, ignore_errors=True)
        options = ["--trading-data", str(unfinished), "--days", str(DAYS), "--seed", str(SEED)]
        subprocess.run(
            [sys.executable, "-c", "from runner.main import main; main()", "simulate", *options], check=True
        )
        unfinished.rename(folder)
        made_from.write_text(current, encoding="utf-8")
    return folder


if __name__ == "__main__":
    print(f"Sample for the notebooks: {ensure_sample(Path(sys.argv[1]).resolve())}")
