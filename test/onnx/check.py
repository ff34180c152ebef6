# Whether files are ONNX models: python3 check.py FILE... The checker and the shape inference of the onnx package
# (Debian: python3-onnx 1.12, which knows the operator set 17 that we write), strict, bodies of Scans included.
import sys

import onnx

for name in sys.argv[1:]:
    model = onnx.load(name)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    print(name, "is right,", len(model.graph.node), "nodes")
