"""What the page's nets, parts/nn.js, read and compute, and what they refuse by a sentence."""

import numpy as np
import pytest
from torch import nn

from kbook.models import Residual
from tests.js import Module
from tests.page_nets import RUN, file_of, random_input, run_in_page, trace_in_page


@pytest.fixture(scope="module")
def js():
    return Module("nn")


@pytest.mark.parametrize(
    "given", ["Uint8Array.from(file).buffer", "Uint8Array.from(file)", "withOffset(file)"]
)
def test_a_file_may_come_as_a_buffer_or_as_bytes(js, given, tmp_path):
    file = file_of(nn.Linear(2, 1), (2,), tmp_path)
    with_offset = "(bytes) => Uint8Array.from([7, ...bytes, 7]).subarray(1, 1 + bytes.length)"
    function = f"""((file) => {{
      const withOffset = {with_offset};
      return Array.from(parseNet({given}).layers[0].weight.data);
    }})"""
    numbers = np.frombuffer(file, "<f4")[-3:-1]
    assert js.call(function, list(file)) == numbers.tolist()


DAMAGES = {
    "nothing": (lambda f: b"", "it is cut short"),
    "half a length": (lambda f: f[:3], "it is cut short"),
    "half a header": (lambda f: f[:50], "it is cut short"),
    "no numbers": (lambda f: f[:-12], "its layers want 3 numbers, it holds 0"),
    "a number too few": (lambda f: f[:-4], "its layers want 3 numbers, it holds 2"),
    "a byte too few": (lambda f: f[:-1], "it ends within a number"),
    "a number too many": (lambda f: f + b"1234", "its layers want 3 numbers, it holds 4"),
    "an unknown op": (lambda f: f.replace(b"linear", b"lineal"), 'an unknown op, "lineal"'),
    "a word of JavaScript": (lambda f: f.replace(b"flatten", b"valueOf"), 'op, "valueOf"'),
    "an unknown type": (lambda f: f.replace(b"float32", b"float64"), 'type, "float64"'),
    "no JSON": (lambda f: f.replace(b"{", b"("), "JSON"),
    "no layers": (lambda f: f.replace(b"layers", b"lagers"), "damaged"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused(damage, js, tmp_path):
    change, words = DAMAGES[damage]
    model = nn.Sequential(nn.Flatten(), nn.Linear(2, 1))
    file = change(file_of(model, (2,), tmp_path))
    with pytest.raises(Exception, match="The file of the net is damaged: .*") as caught:
        js.call("parseNet", list(file))
    assert words in str(caught.value)


def test_an_unknown_op_within_a_residual_is_refused(js, tmp_path):
    file = file_of(Residual(nn.Sequential(nn.Tanh())), (2,), tmp_path).replace(b"tanh", b"tank")
    with pytest.raises(Exception, match='an unknown op, "tank"'):
        js.call("parseNet", list(file))


@pytest.mark.parametrize(
    "case",
    [
        (nn.ReLU(), (3, 8, 8), (4, 8, 8), r"The net takes \[3, H, W\], got \[4, 8, 8\]."),
        (nn.ReLU(), (3, 8, 8), (192,), r"The net takes \[3, H, W\], got \[192\]."),
        (nn.Linear(4, 2), (4,), (5,), r"The net takes \[4\], got \[5\]."),
        (nn.Conv2d(2, 2, 1), (3, 8, 8), (3, 8, 8), r"conv takes \[2, H, W\], got \[3, 8, 8\]."),
        (nn.Conv2d(4, 4, 1, groups=2), (2, 8, 8), (2, 8, 8), r"conv takes \[4, H, W\]"),
        (nn.ConvTranspose2d(2, 2, 1), (3, 8, 8), (3, 8, 8), r"conv_transposed takes \[2, H, W\]"),
        (nn.Linear(64, 2), (1, 8, 8), (1, 8, 8), r"linear takes \[64\], got \[1, 8, 8\]."),
        (nn.BatchNorm2d(4), (3, 8, 8), (3, 8, 8), r"affine takes \[4, H, W\], got \[3, 8, 8\]."),
        (nn.InstanceNorm2d(4), (3, 8, 8), (3, 8, 8), r"instance_norm takes \[4, H, W\]"),
        (nn.MaxPool2d(2), (8,), (8,), r"max_pool takes \[8, H, W\], got \[8\]."),
        (nn.AdaptiveAvgPool2d(1), (8,), (8,), r"global_avg_pool takes \[8, H, W\], got \[8\]."),
        (nn.Upsample(scale_factor=2), (8,), (8,), r"upsample takes \[8, H, W\], got \[8\]."),
        (nn.ZeroPad2d(1), (8,), (8,), r"pad takes \[8, H, W\], got \[8\]."),
        (nn.Conv2d(1, 1, 3), (1, 8, 8), (1, 2, 8), "window of 3 × 3 does not fit into 2 × 8"),
        (nn.ReflectionPad2d(3), (1, 8, 8), (1, 3, 8), "3 pixels cannot be reflected 3 deep"),
        (Residual(nn.Conv2d(1, 1, 3)), (1, 8, 8), (1, 8, 8), "residual cannot add"),
    ],
    ids=lambda case: type(case[0]).__name__,
)
def test_what_a_net_cannot_take_is_refused(case, js, tmp_path):
    model, saved, shape, words = case
    for compute in (run_in_page, trace_in_page):
        with pytest.raises(Exception, match=words):
            compute(js, file_of(model, saved, tmp_path), random_input(shape))


def test_a_tensor_of_too_few_numbers_is_refused(js, tmp_path):
    file = file_of(nn.ReLU(), (1, 2, 2), tmp_path)
    with pytest.raises(Exception, match=r"A tensor of \[1, 2, 2\] has 4 numbers, got 3"):
        js.call(RUN, list(file), [1, 2, 2], [1.0, 2.0, 3.0])
