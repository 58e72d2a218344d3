"""What one document may cost, set by a reader process on itself and enforced by the kernel.

A timer that runs out and a limit that is passed end the process with a signal, whatever the parser is doing.
"""

import resource
import signal
import sys
import time
from pathlib import Path

STEP_CPU_SECONDS = 1.5
"""Without progress (a page that gave text) a document may take this much."""
TOTAL_CPU_SECONDS = 5.0
"""After this no further page is begun; what was read until then is kept."""
WALL_SECONDS = 20.0
MEMORY_BYTES = 96 * 1024 * 1024
"""Above what the process holds when it gets the document, the document itself included."""
PICTURE_MEMORY_BYTES = 1536 * 1024 * 1024
"""Address space, of which the model's arenas use a fifth."""
PICTURE_CPU_SECONDS = 20.0
PICTURE_WALL_SECONDS = 40.0
SCAN_CPU_SECONDS = 60.0
"""After this no further scanned page is begun."""


def apply() -> None:
    """Limit this process from now on: memory, processor time, no files, no core dump."""
    if sys.platform == "linux":  # elsewhere the kernel does not enforce it
        ceiling = _address_space() + MEMORY_BYTES
        most = _address_space() + PICTURE_MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    progressed()


def apply_for_pictures() -> None:
    """Reading a picture takes a model: more memory and more time than a document may have.

    Called once the picture is known to be of bearable size, and again for each page of a scan.
    """
    if sys.platform == "linux":
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    signal.setitimer(signal.ITIMER_REAL, PICTURE_WALL_SECONDS)
    signal.setitimer(signal.ITIMER_PROF, PICTURE_CPU_SECONDS)


def progressed() -> None:
    """Give the next step its own processor time."""
    signal.setitimer(signal.ITIMER_PROF, STEP_CPU_SECONDS)


def time_is_up() -> bool:
    """Whether this process has used what a whole document may take."""
    return time.process_time() > TOTAL_CPU_SECONDS


def picture_time_is_up() -> bool:
    """Whether this process has used what a whole scan may take."""
    return time.process_time() > SCAN_CPU_SECONDS


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
