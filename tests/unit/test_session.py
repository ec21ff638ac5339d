"""A session runs the graph it was given, where it was told to, or says why not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from models.session import CPU, OnnxSession, ProviderUnavailable


def doubling_graph(kind: int = TensorProto.FLOAT) -> bytes:
    """y = x + x on any N, with one custom metadata entry."""
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["y"])],
        "doubling",
        [helper.make_tensor_value_info("x", kind, ["n"])],
        [helper.make_tensor_value_info("y", kind, ["n"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {"charset": "aăâ"})
    content: bytes = model.SerializeToString()
    return content


def test_runs_from_bytes_and_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "doubling.onnx"
    path.write_bytes(doubling_graph())
    for session in (OnnxSession(doubling_graph()), OnnxSession(path)):
        assert session.input_names == ("x",)
        assert session.output_names == ("y",)
        assert session.metadata["charset"] == "aăâ"
        (y,) = session.run({"x": np.array([1, 2, 3], np.float32)})
        assert y.tolist() == [2, 4, 6]


def test_asking_for_cuda_where_there_is_none_fails_loudly() -> None:
    import onnxruntime as ort

    missing = next(
        p
        for p in ("CUDAExecutionProvider", "ROCMExecutionProvider")
        if p not in ort.get_available_providers()
    )
    with pytest.raises(ProviderUnavailable, match=missing):
        OnnxSession(doubling_graph(), providers=(missing, CPU))


def test_a_graph_that_does_not_answer_in_float32_is_refused() -> None:
    with pytest.raises(ValueError, match="float"):
        OnnxSession(doubling_graph(TensorProto.INT64))


def test_threads_do_not_see_each_others_numbers() -> None:
    session = OnnxSession(doubling_graph())

    def ask(number: int) -> bool:
        x = np.full(50 + number, number, np.float32)  # another shape in every call
        return bool((session.run({"x": x})[0] == 2 * number).all())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(400)))
