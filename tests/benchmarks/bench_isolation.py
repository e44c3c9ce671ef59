"""What isolation costs: light jobs through the pool, forked and fresh, against bare forks. Prints figures.

python tests/benchmarks/bench_isolation.py [JOBS] [WORKERS]
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from pluginary_tui.isolation.jobs import Job, JobEnded
from pluginary_tui.isolation.pool import Pool

sys.path.insert(0, str(Path(__file__).parents[2]))


def through_pool(count: int, workers: int, method: str, entry: str, payload: dict[str, int]) -> tuple[float, float]:
    """Seconds until the workers are up, and from there until all jobs are done."""
    begun = time.perf_counter()
    with Pool(workers, method=method, memory_limit_mb=2048, preload="tests.support.isolation_jobs:preload") as pool:
        work(pool, workers, "tests.support.isolation_jobs:nothing", {})
        up = time.perf_counter()
        work(pool, count, entry, payload)
        return up - begun, time.perf_counter() - up


def work(pool: Pool, count: int, entry: str, payload: dict[str, int]) -> None:
    given = ended = 0
    while ended < count:
        while given < count and pool.free:
            pool.submit(Job(str(given), entry, payload, 30.0))
            given += 1
        ended += sum(isinstance(event, JobEnded) for event in pool.events(1.0))


def bare(count: int) -> float:
    """Seconds for as many forks of this process that do nothing, one after another."""
    begun = time.perf_counter()
    for _ in range(count):
        pid = os.fork()
        if not pid:
            os._exit(0)
        os.waitpid(pid, 0)
    return time.perf_counter() - begun


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    least = bare(count)
    print(f"{count} jobs, {workers} workers")
    print(f"{'bare forks, one at a time':34} {least:7.3f} s  {1000 * least / count:7.3f} ms each")
    cases: list[tuple[str, str, str, int, dict[str, int]]] = [
        ("fork, jobs that do nothing", "fork", "nothing", count, {}),
        ("fresh, jobs that do nothing", "fresh", "nothing", count, {}),
        ("fork, 2,000 messages each", "fork", "says_much", 20, {"messages": 2000, "size": 50}),
        ("fork, a report of 5 MB each", "fork", "says_much", 20, {"messages": 1, "size": 2_500_000}),
        ("fork, 400 MB printed each", "fork", "floods", 4, {"mb": 400}),
    ]
    if sys.platform != "linux":
        cases = [case for case in cases if case[1] == "fresh"]
    for title, method, entry, jobs, payload in cases:
        up, took = through_pool(jobs, workers, method, f"tests.support.isolation_jobs:{entry}", payload)
        print(f"{title:34} {took:7.3f} s  {1000 * took / jobs:7.3f} ms each   (workers up after {up:.3f} s)")


if __name__ == "__main__":
    main()
