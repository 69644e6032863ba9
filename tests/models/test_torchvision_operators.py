import subprocess
import sys


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


DECLARE = """
from models.encoders.offline import go_offline
from models.encoders.torchvision_operators import declare_torchvision_operators
go_offline()
declared = declare_torchvision_operators()
"""


def test_open_clip_and_transformers_import_beside_this_torch() -> None:
    # That sentence_transformers does is seen in test_text.py, by a subprocess that encodes.
    told = run(DECLARE + "import torchvision, open_clip\nfrom transformers import PreTrainedModel; print('fine')")
    assert told == "fine"


def test_declares_what_is_missing_once_and_only_that() -> None:
    code = """
import torch
{declare}
import torchvision
exists = torchvision.extension._has_ops()
assert declare_torchvision_operators() == declared
assert declare_torchvision_operators.__wrapped__() == ()
assert declared == (() if exists else ("nms", "qnms")), declared
if not exists:
    try:
        torch.ops.torchvision.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    except NotImplementedError:
        print("fine")
else:
    print("fine")
"""
    assert run(code.format(declare=DECLARE)) == "fine"


def test_real_operators_are_left_alone() -> None:
    # An installation whose compiled half did load is stood in for by registering working operators first.
    code = """
import torch
for name in ("nms", "qnms"):
    torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    torch.library.impl(f"torchvision::{name}", "cpu", lambda dets, scores, iou_threshold: scores + 1)
"""
    told = run(
        code + DECLARE + "import torchvision\n"
        "assert declared == ()\nprint(torchvision.ops.nms.__name__, torch.ops.torchvision.nms("
        "torch.zeros(1, 4), torch.zeros(1), 0.5).item())"
    )
    assert told == "nms 1.0"
