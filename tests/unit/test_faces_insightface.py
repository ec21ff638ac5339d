"""The ArcFace adapter over the insightface library, on a graph that says the mean colour of each chip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from models.faces.arcface_insightface import ArcFaceInsightFace
from models.geometry import ARCFACE_TEMPLATE
from models.session import OnnxSession
from models.types import Face, Image


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """N x 3 x 112 x 112 -> N x 3: the mean of each channel."""
    model = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("GlobalAveragePool", ["x"], ["pooled"]),
                helper.make_node("Flatten", ["pooled"], ["y"]),
            ],
            "means",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 112, 112])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    path = tmp_path / "means.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def face_at(x: float) -> Face:
    landmarks = ARCFACE_TEMPLATE + np.float32([x + 0.5, 0.5])
    return Face((x, 0.0, x + 112, 112.0), landmarks, 1.0)


def test_all_faces_of_a_call_in_order_as_normalised_rgb(graph: Path) -> None:
    pixels = np.zeros((112, 300, 3), np.uint8)
    pixels[:, :150] = (0, 0, 255)  # red on the left
    pixels[:, 150:] = (255, 0, 0)  # blue on the right
    adapter = ArcFaceInsightFace(
        graph, OnnxSession(graph), mean=127.5, deviation=127.5, recogniser="means-1"
    )
    blue, red = adapter.embed(Image(pixels), [face_at(180), face_at(10)])
    third = 1 / np.sqrt(3)
    assert red.vector == pytest.approx([third, -third, -third], abs=0.01)
    assert blue.vector == pytest.approx([-third, -third, third], abs=0.01)
    assert red.recogniser == "means-1"
    assert adapter.embed(Image(pixels), []) == []


def test_a_normalisation_other_than_the_manifest_s_is_refused(graph: Path) -> None:
    with pytest.raises(ValueError, match="manifest states"):
        ArcFaceInsightFace(graph, OnnxSession(graph), mean=0.0, deviation=1.0, recogniser="x")
