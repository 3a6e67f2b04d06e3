"""Ctrl-C during an import: the first one lets the running request finish, so that the count of booked rows is right."""

import signal
import threading
from types import FrameType, TracebackType


class StopRequest:
    """Use it as a context. Within, the first Ctrl-C sets `is_asked`; the second one interrupts like anywhere else."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._is_listening = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> "StopRequest":
        if self._is_listening:
            self._previous = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._is_listening:
            signal.signal(signal.SIGINT, self._previous)

    @property
    def is_asked(self) -> bool:
        return self._asked.is_set()

    def wait(self, seconds: float) -> bool:
        """Whether a stop was asked for before the time was over."""
        return self._asked.wait(seconds)

    # It prints nothing: a handler that writes while the program is writing to the same stream breaks both.
    def _ask(self, number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._asked.set()
