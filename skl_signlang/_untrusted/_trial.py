"""Run the exported file on standard input once, in bounded memory and time.

A script for a process of its own, which may crash; see `_runtimes.try_out`. It imports
nothing of this package, so that it starts fast.
"""

import os
import sys

OK, NOT_INSTALLED = 0, 77


def _limit(n_bytes, seconds):
    """Limit the memory and time of this process."""
    try:
        import resource
    except ImportError:  # on Windows only the parent's timeout applies
        return
    try:
        with open("/proc/self/status", encoding="utf-8") as file:
            lines = dict(line.split(":", 1) for line in file)
        n_bytes += int(lines["VmData"].split()[0]) << 10
        resource.setrlimit(resource.RLIMIT_DATA, (n_bytes, n_bytes))
    except OSError:
        pass
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds += int(used.ru_utime + used.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _zeros(numpy, shape, dtype):
    return numpy.zeros([side if isinstance(side, int) else 1 for side in shape], dtype)


def _prepare_onnx():
    import numpy
    import onnxruntime

    def run(content):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        (put,) = session.get_inputs()
        kind = {"tensor(uint8)": "u1", "tensor(float)": "f4"}[put.type]
        session.run(None, {put.name: _zeros(numpy, put.shape, kind)})

    return run


def _prepare_litert():
    import numpy
    from ai_edge_litert.interpreter import Interpreter

    def run(content):
        interpreter = Interpreter(model_content=content, num_threads=1)
        interpreter.allocate_tensors()
        (put,) = interpreter.get_input_details()
        shape = put["shape"].tolist()
        interpreter.set_tensor(put["index"], _zeros(numpy, shape, put["dtype"]))
        interpreter.invoke()

    return run


def _main(kind, n_bytes, seconds):
    told = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    content = sys.stdin.buffer.read()
    try:
        run = {"onnx": _prepare_onnx, "litert": _prepare_litert}[kind]()
    except ImportError:
        os._exit(NOT_INSTALLED)
    _limit(int(n_bytes), int(seconds))
    try:
        run(content)
    # runtimes raise errors of many types for damaged files
    except BaseException as error:
        os.write(told, f"{type(error).__name__}: {error}"[:300].encode())
        os._exit(1)
    os._exit(OK)


if __name__ == "__main__":
    _main(*sys.argv[1:])
