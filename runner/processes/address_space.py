"""Whether a limit of this process's address space (ulimit -v) leaves room for what every command imports.

What would surprise: with too little room the linear algebra of scipy neither loads nor fails. It asks for its buffers, one a thread, again
and again, inside the import and deaf to signals, so it is asked beforehand.
"""

from __future__ import annotations

import os

from runner.errors import RunnerError

#: Address space, MB, that pandas and scipy were measured to want with one thread of linear algebra, and with each further one.
_LEAST_MB, _THREAD_MB = 300, 64
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def require_address_space() -> None:
    """Raise RunnerError where the address space is limited to less than the imports take."""
    try:
        import resource
    except ImportError:  # a system without such limits
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return
    threads = _threads()
    needed = _LEAST_MB + _THREAD_MB * (threads - 1)
    if limit < needed * 1_000_000:
        fewer = ", or set OPENBLAS_NUM_THREADS=1" if threads > 1 and limit >= _LEAST_MB * 1_000_000 else ""
        raise RunnerError(
            f"the address space is limited to {limit // 1_000_000:,} MB here (ulimit -v), and {needed:,} MB are needed to begin. "
            f"Raise the limit{fewer}"
        )


def _threads() -> int:
    """Threads of linear algebra: as many as are asked for, and at most one a core."""
    cores = os.cpu_count() or 1
    asked = next((int(text) for name in _THREADS if (text := os.environ.get(name, "")).isdigit()), cores)
    return max(1, min(asked, cores))
