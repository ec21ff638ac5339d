"""Runs one ONNX graph: explicit providers, no spinning threads, no silent fall-back to the CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

Tensor: TypeAlias = NDArray[np.float32]

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"


class ProviderUnavailable(RuntimeError):
    """The execution provider that was asked for does not work on this machine."""


class OnnxSession:
    """One ONNX graph, ready to run; immutable and safe to call from many threads.

    Args:
        model: the file, or its bytes.
        providers: ONNX Runtime execution providers, most wanted first.
        threads: threads inside one call. One is right for a CPU that serves several requests at once:
            two on a busy two-core machine use 35-80 % more CPU for the same work, because ONNX Runtime
            spins.

    Raises:
        ProviderUnavailable: a wanted provider is not there, or did not take the graph.
        ValueError: an output is not float32.
    """

    def __init__(
        self, model: bytes | Path, *, providers: Sequence[str] = (CPU,), threads: int = 1
    ) -> None:
        for provider in providers:
            if provider not in ort.get_available_providers():
                raise ProviderUnavailable(
                    f"{provider} was asked for, but this ONNX Runtime has only "
                    f"{', '.join(ort.get_available_providers())}"
                )
        if CUDA in providers:
            ort.preload_dlls()  # finds CUDA and cuDNN where they were installed as Python packages
        source = model if isinstance(model, bytes) else str(model)
        self._session = ort.InferenceSession(
            source, sess_options=_options(threads, gpu=CUDA in providers), providers=list(providers)
        )
        self._session.disable_fallback()
        for provider in providers:
            if provider not in self._session.get_providers():
                raise ProviderUnavailable(
                    f"{provider} was asked for and is installed, but refused to start "
                    "(driver or library missing?); not running on the CPU instead"
                )
        for output in self._session.get_outputs():
            if output.type != "tensor(float)":
                raise ValueError(f"output {output.name} is {output.type}, expected tensor(float)")
        self.input_names: tuple[str, ...] = tuple(i.name for i in self._session.get_inputs())
        self.output_names: tuple[str, ...] = tuple(o.name for o in self._session.get_outputs())
        self.metadata: Mapping[str, str] = MappingProxyType(
            dict(self._session.get_modelmeta().custom_metadata_map)
        )

    @property
    def runtime(self) -> ort.InferenceSession:
        """ONNX Runtime's own object, for libraries that insist on one."""
        return self._session

    def run(self, inputs: Mapping[str, NDArray[np.generic]]) -> list[Tensor]:
        """All outputs, in the order of `output_names`."""
        outputs: list[Tensor] = self._session.run(None, dict(inputs))
        return outputs


def _options(threads: int, *, gpu: bool) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    # A memory plan fits one input shape; our text and face graphs see a new shape per picture.
    options.enable_mem_pattern = False
    if gpu:
        # ONNX Runtime has eight-bit convolutions for CPUs alone: a GPU would wait for one. It computes in floats instead,
        # rounded to the same steps.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
    options.log_severity_level = 3  # errors only: warnings about constant folding help nobody
    return options
