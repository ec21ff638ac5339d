"""The card judge: data, training, evaluation and export of `models/weights/card_judge.onnx`."""
