"""Times ONNX Runtime (CPU, one thread) per operator class on the zoo's networks, with random weights.

    python measure_onnxruntime.py <zoo folder> <output.csv> <file.onnx>...

Each node's time is its least of 20 runs, summed by operator class: what other programs on the machine take from the
caches and the clock shows least in the minimum. Needs onnx and onnxruntime.
"""

import collections
import csv
import json
import os
import sys

import numpy
import onnx
import onnxruntime

RUNS = 20
MOVEMENT = {"ReorderInput", "ReorderOutput", "Transpose", "Concat", "Slice", "Split", "Gather", "Pad", "Reshape"}


def with_random_weights(path):
    """The zoo has structures without weights; scaled by fan-in, random ones keep activations in a normal range."""
    random = numpy.random.default_rng(0)
    model = onnx.load(path, load_external_data=False)
    for tensor in model.graph.initializer:
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        fan_in = max(1, int(numpy.prod(tensor.dims[1:])))
        values = random.standard_normal(tuple(tensor.dims)) / numpy.sqrt(fan_in)
        dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(dtype), tensor.name))
    return model


def profile(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_profiling = True
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    feeds = {
        given.name: numpy.random.default_rng(1)
        .standard_normal([size if isinstance(size, int) else 1 for size in given.shape])
        .astype(numpy.float32)
        for given in session.get_inputs()
    }
    for _ in range(RUNS):
        session.run(None, feeds)
    file = session.end_profiling()
    with open(file) as events:
        recorded = json.load(events)
    os.remove(file)
    return [event for event in recorded if event["name"].endswith("_kernel_time")]


def operator_class(operator, inputs):
    shapes = [next(iter(shape.values())) for shape in inputs]
    if operator in ("Conv", "FusedConv"):
        weights = shapes[1]
        if weights[2:] == [1, 1]:
            return "pointwise-convolution"
        return "depthwise-convolution" if weights[1] == 1 else "convolution"
    if operator in ("Gemm", "FusedGemm"):
        return "fully-connected"
    if operator in ("MatMul", "FusedMatMul"):
        return "matmul"
    if operator in MOVEMENT:
        return "data-movement"
    for part, name in (("Pool", "pooling"), ("Normalization", "normalization"), ("Reduce", "reduction")):
        if part in operator:
            return name
    return "softmax" if operator == "Softmax" else "elementwise"


def main():
    zoo, output, *files = sys.argv[1:]
    with open(os.path.join(zoo, "zoo.csv"), newline="") as table:
        families = {row["file"]: row["family"] for row in csv.DictReader(table)}
    with open(output, "w", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["zoo_file", "family", "operator_class", "seconds"])
        for file in files:
            least = {}
            for event in profile(with_random_weights(os.path.join(zoo, file))):
                known = least.get(event["name"], (float("inf"),))
                arguments = event["args"]
                kind = operator_class(arguments["op_name"], arguments["input_type_shape"])
                least[event["name"]] = min(known, (event["dur"] * 1e-6, kind))
            totals = collections.Counter()
            for seconds, kind in least.values():
                totals[kind] += seconds
            for kind, seconds in totals.items():
                writer.writerow([file, families[file], kind, f"{seconds:.6g}"])


main()
