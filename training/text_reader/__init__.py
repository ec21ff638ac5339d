"""Trains the text reader: lines as they occur on Vietnamese identity documents, a CRNN, CTC.

The order: `prepare` collects fonts and administrative units into one folder (so that training itself needs
no network), `train` trains and checkpoints, `export` writes the ONNX file, `evaluate` measures it.
"""
