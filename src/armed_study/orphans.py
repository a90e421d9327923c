"""A process that ends when the one that started it has ended, however that was ended."""

import os
import threading
import time

_SECONDS = 0.2


def end_with_parent() -> None:
    """End this process, from a thread of its own, soon after its parent has ended.

    A run that is killed cannot end its jobs. They would go on, and write what the next run reads.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_SECONDS)
        os._exit(1)  # no cleaning up: half-written files are told by their names

    threading.Thread(target=watch, name="end with parent", daemon=True).start()
