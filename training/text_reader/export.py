"""Writes a checkpoint as ONNX with everything the adapter needs in its metadata, and as .pt beside it for more training.

    python -m training.text_reader.export --run var/training/run --data var/training/text \
        --into models/weights/text_reader.onnx

The temperature that makes the network's posteriors honest is fitted on the validation set, never on the evaluation set,
and by the best path alone: the decoder with its character model only lowers confidences. Convolutions are computed in eight
bits, their ranges seen on lines in the training fonts; other weights are stored as half floats and widened once, when the file is opened.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from models.session import OnnxSession
from models.text.charset import CHARSET
from models.text.crnn_ctc import HEIGHT, normalise
from models.text.decode import greedy
from training.text_reader.corpus import Corpus
from training.text_reader.model import Crnn
from training.text_reader.render import Fonts, Line
from training.text_reader.scores import calibration_error, correct_characters
from training.text_reader.train import make_lines

HALVED_FROM = 256
"""Numbers of a weight that is stored in half floats; smaller ones gain nothing."""
TEMPERATURES = np.arange(0.6, 2.05, 0.1)
VALIDATION_SEED = 778
RANGES_SEED, RANGES_LINES = 779, 200
"""Lines that show how far the activations reach; with other lines the error does not change measurably."""


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    logits = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def fit_temperature(reader: OnnxSession, data: Path, count: int) -> tuple[float, float]:
    """(temperature, calibration error with it) on validation lines."""
    lines = make_lines(Corpus.load(data), Fonts.load(data, "validation"), VALIDATION_SEED, count)
    logits = [reader.run({"lines": normalise(line.pixels)[None, None]})[0][0] for line in lines]

    def error(temperature: float) -> float:
        pairs: list[tuple[float, bool]] = []
        for line, raw in zip(lines, logits, strict=True):
            reading = greedy(_log_softmax(raw / temperature), CHARSET)
            right = correct_characters(reading.text, line.text)
            pairs += zip(map(float, reading.confidences), right, strict=True)
        return calibration_error(pairs)

    errors = {float(t): error(float(t)) for t in TEMPERATURES}
    best = min(errors, key=errors.__getitem__)
    return round(best, 2), errors[best]


class _Lines(CalibrationDataReader):
    def __init__(self, lines: Sequence[Line]) -> None:
        self._left = iter(lines)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        line = next(self._left, None)
        return None if line is None else {"lines": normalise(line.pixels)[None, None]}


def quantise(path: Path, lines: Sequence[Line]) -> None:
    """Convolutions in eight bits (Jacob et al. 2018): half the time on a CPU that multiplies them natively.

    Weights keep to seven bits (`reduce_range`): a CPU that does not adds pairs of products in 16 bits, which eight would
    overflow (ONNX Runtime's guide to quantisation), and the file must read alike on all.
    """
    quant_pre_process(str(path), str(path), skip_symbolic_shape=True)
    quantize_static(
        str(path), str(path), _Lines(lines), quant_format=QuantFormat.QDQ, op_types_to_quantize=["Conv"],
        per_channel=True, reduce_range=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
    )  # fmt: skip


def halve(graph: onnx.GraphProto) -> None:
    """Stores the weights in half the bytes; onnxruntime folds the casts back to float32 as it loads them."""
    casts: list[onnx.NodeProto] = []
    for weight in graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size >= HALVED_FROM:
            stored = f"{weight.name}.half"
            casts.append(
                onnx.helper.make_node("Cast", [stored], [weight.name], to=onnx.TensorProto.FLOAT)
            )
            weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), stored))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def halved(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {k: x.half() if x.is_floating_point() else x for k, x in weights.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, default=Path("var/training/run"))
    parser.add_argument("--data", type=Path, default=Path("var/training/text"))
    parser.add_argument("--into", type=Path, default=Path("models/weights/text_reader.onnx"))
    parser.add_argument("--checkpoint", default="best.pt")
    parser.add_argument("--validation-lines", type=int, default=1500)
    args = parser.parse_args()
    state = torch.load(args.run / args.checkpoint, map_location="cpu")
    net = Crnn(len(CHARSET) + 1)
    net.load_state_dict(state["average"])
    net.eval()
    args.into.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        net, (torch.zeros(2, 1, HEIGHT, 320),), str(args.into), input_names=["lines"], output_names=["logits"],
        dynamic_axes={"lines": {0: "n", 3: "width"}, "logits": {0: "n", 1: "steps"}}, opset_version=17, dynamo=False,
    )  # fmt: skip
    fonts = Fonts.load(args.data, "training")
    quantise(args.into, make_lines(Corpus.load(args.data), fonts, RANGES_SEED, RANGES_LINES))
    temperature, error = fit_temperature(OnnxSession(args.into), args.data, args.validation_lines)
    graph = onnx.load(str(args.into))
    metadata = {
        "charset": json.dumps(CHARSET, ensure_ascii=False),
        "temperature": str(temperature),
        "height": str(HEIGHT),
    }
    onnx.helper.set_model_props(graph, metadata)
    halve(graph.graph)
    onnx.checker.check_model(graph)
    onnx.save(graph, str(args.into))
    torch.save({"average": halved(state["average"])}, args.into.with_suffix(".pt"))
    size = args.into.stat().st_size / 1e6
    print(
        f"{args.into}: {size:.2f} MB, temperature {temperature}, validation calibration error {error:.4f}; {state.get('report')}"
    )


if __name__ == "__main__":
    main()
