"""llama.cpp's C functions, as llama-cpp-python binds them: started, with their log kept off the terminal."""

from __future__ import annotations

import ctypes
import threading
from typing import Any

_GGML_GPU_TYPES = frozenset({1, 2})  # ggml_backend_dev_type: discrete GPU, integrated GPU
_GGML_LOG_ERROR = 4

_log: list[str] = []
_log_callback: Any = None  # kept here, as llama.cpp holds only the bare pointer
_start_lock = threading.Lock()


def library() -> Any:
    """The bindings, started at the first call."""
    global _log_callback
    with _start_lock:
        import llama_cpp.llama_cpp as llama

        if _log_callback is None:
            _log_callback = llama.llama_log_callback(_remember)
            llama.llama_log_set(_log_callback, ctypes.c_void_p(0))
            llama.llama_backend_init()
    return llama


def forget_errors() -> None:
    """Empty the log that `reason` reads."""
    _log.clear()


def reason() -> str:
    """Return the first error in llama.cpp's log since loading began, as ` (text)`, or nothing."""
    return f" ({_log[0][:200]})" if _log and _log[0] else ""


def gpu_names() -> tuple[str, ...]:
    """Names of the GPUs that this build of llama.cpp can use; empty for a CPU build or without a GPU."""
    llama = library()
    if not llama.llama_supports_gpu_offload():
        return ()
    from llama_cpp._ggml import libggml

    pointer = ctypes.c_void_p
    libggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    libggml.ggml_backend_dev_get.restype = pointer
    libggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    libggml.ggml_backend_dev_type.argtypes = [pointer]
    libggml.ggml_backend_dev_description.restype = ctypes.c_char_p
    libggml.ggml_backend_dev_description.argtypes = [pointer]
    devices = [libggml.ggml_backend_dev_get(i) for i in range(libggml.ggml_backend_dev_count())]
    return tuple(
        libggml.ggml_backend_dev_description(device).decode("utf-8", "replace")
        for device in devices
        if libggml.ggml_backend_dev_type(device) in _GGML_GPU_TYPES
    )


def library_version() -> str:
    """Name the build of llama.cpp: the version of its Python package, and what its processor code uses."""
    import llama_cpp

    features = library().llama_print_system_info().decode("utf-8", "replace").strip()
    return f"{llama_cpp.__version__} {features}"


def _remember(level: int, text: bytes, _data: Any) -> None:
    if level == _GGML_LOG_ERROR:
        _log.append(text.decode("utf-8", "replace").strip())
        del _log[:-8]
