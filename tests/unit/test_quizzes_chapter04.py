"""The numbers in the quiz of chapter 4, computed again."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, recall_score, roc_auc_score
from torch import Tensor, nn
from torch.nn.functional import conv2d, max_pool2d
from torchvision.datasets import ImageFolder

from kbook.quizzes import prediction, questions
from tests.quiz_claims import right_words, wrong_words

QUIZ = {q.id: q for q in (*questions(4), prediction(4))}


def slope_in_the_middle() -> float:
    """Slope of the sum of all outputs, by the weight in the middle of a 3×3 kernel."""
    w = torch.zeros(1, 1, 3, 3, requires_grad=True)
    conv2d(torch.full((1, 1, 10, 10), 0.5), w).sum().backward()
    assert w.grad is not None
    return w.grad[0, 0, 1, 1].item()


def map_size(**layer: Any) -> int:
    return int(nn.Conv2d(1, 1, **layer)(torch.zeros(1, 1, 32, 32)).shape[-1])


def span(**layer: Any) -> int:
    """Side of the square from which one output takes its pixels, found by its slopes."""
    picture = torch.zeros(1, 1, 32, 32, requires_grad=True)
    out: Tensor = nn.Conv2d(1, 1, **layer)(picture)
    (slope,) = torch.autograd.grad(out[0, 0, 5, 5], picture)
    columns = slope[0, 0].abs().sum(0).nonzero().flatten()
    return int(columns[-1] - columns[0] + 1)


def sizes(**layer: Any) -> str:
    size, side = map_size(**layer), span(**layer)
    return f"Maps {size}×{size}, square {side}×{side}"


def wilson(right: int, pictures: int) -> tuple[float, float]:
    interval = binomtest(right, pictures).proportion_ci(method="wilson")
    return 100 * interval.low, 100 * interval.high


def interval(right: int, pictures: int) -> str:
    low, high = wilson(right, pictures)
    return f"{low:.1f} to {high:.1f} %"


def width(right: int, pictures: int) -> float:
    low, high = wilson(right, pictures)
    return high - low


def pooled(row: list[float], shift: int) -> str:
    """The row after a shift to the right and a max pool over pairs, as the quiz writes it."""
    x = torch.tensor(row).roll(shift).view(1, 1, 1, -1)
    return " ".join(f"{v:.0f}" for v in max_pool2d(x, (1, 2)).flatten().tolist())


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


ROW = [0.0, 0.0, 3.0, 5.0, 0.0, 0.0, 0.0, 0.0]
LAYER = nn.Conv2d(16, 32, 3)
HALF = 100 * 1.96 * math.sqrt(0.98 * 0.02 / 50)
DILATED = {"kernel_size": 3, "dilation": 2, "stride": 2}

# Question, what is computed, and the words in which the right choice or its explanation says it.
CLAIMS: list[tuple[str, object, str]] = [
    ("04-q2", parameters(LAYER), "the same {:,} parameters Right: 32 · (3 · 3 · 16 + 1)"),
    ("04-q2", LAYER.weight.view(32, -1).shape[1], "the matrix of weights is 32 × {} as before"),
    ("04-q3", slope_in_the_middle(), "{:.0f} Right"),
    ("04-q3", (10 - 3 + 1) ** 2, "8 · 8 = {} places"),
    ("04-q4", sizes(**DILATED), "{} Right"),
    ("04-q4", span(**DILATED), "2 · (3 − 1) + 1 = {}, so both"),
    ("04-q6", (0.20 - 0.31) / 0.28, "(0.20 − 0.31) / 0.28 = {:.2f} is true"),
    ("04-q8", interval(49, 50), "{} Right"),
    ("04-q8", width(49, 50) / width(4900, 5000), "about {:.0f} times as wide"),
    ("04-q10", pooled(ROW, 1), "{} Right"),
    ("04-q10", pooled(ROW, 2), "two pixels would give {}."),
]
# The same for the wrong choices and their explanations.
WRONG_CLAIMS: list[tuple[str, object, str]] = [
    ("04-q1", 9 * 0.3, "{:.1f} everywhere This is 9 · 0.3"),
    ("04-q2", 32 * parameters(nn.Conv2d(1, 1, 3)), "the same {} parameters This counts 3 · 3 + 1"),
    ("04-q3", 9 * 0.5, "{} This adds up the nine pixels"),
    ("04-q3", 100 * 0.5, "{:.0f} This lets the weight meet all 100 pixels"),
    ("04-q4", sizes(kernel_size=3, stride=2), "{} These are the sizes without dilation"),
    ("04-q4", map_size(kernel_size=6, stride=2), "Maps {0}×{0}, square 6×6 This is 3 · 2"),
    ("04-q4", map_size(kernel_size=5, stride=4), "Maps {0}×{0}, square 5×5 This takes"),
    ("04-q8", interval(4900, 5000), "{} This would be so"),
    ("04-q8", 98 - HALF, "{:.1f} to 100 % This is 98"),
    ("04-q8", HALF, "98 ± {:.1f}"),
    ("04-q8", 98 - 100 * 0.4, "{:.0f} to 100 % This is 100 times as wide"),
    ("04-q10", pooled(ROW, 0), "{} A max pool ignores"),
    ("04-q10", pooled(ROW, 2), "{} This is the old result"),
]


@pytest.mark.parametrize(("question_id", "value", "words"), CLAIMS)
def test_the_right_choice_has_the_right_number(question_id: str, value: object, words: str) -> None:
    assert words.format(value).replace("-", "−") in right_words(QUIZ[question_id])


@pytest.mark.parametrize(("question_id", "value", "words"), WRONG_CLAIMS)
def test_a_wrong_choice_has_the_number_of_its_error(
    question_id: str, value: object, words: str
) -> None:
    assert words.format(value) in wrong_words(QUIZ[question_id])


def test_prompts_state_what_is_so() -> None:
    assert f"maps of {map_size(kernel_size=5, stride=2)}×" in QUIZ["04-q4"].prompt
    low, high = wilson(4900, 5000)
    assert f"from {low:.1f} to {high:.1f} %" in QUIZ["04-q8"].prompt
    assert f"into {pooled(ROW, 0)}." in QUIZ["04-q10"].prompt


def test_brightness_passes_by_the_sum_of_the_weights_as_question_1_says() -> None:
    rng = torch.Generator().manual_seed(0)
    picture = torch.rand(1, 1, 8, 8, generator=rng, dtype=torch.float64)
    kernel = torch.randn(1, 1, 3, 3, generator=rng, dtype=torch.float64)
    for total in (0.0, 1.0, 9.0):
        w = kernel - kernel.mean() + total / 9
        rise = conv2d(picture + 0.3, w) - conv2d(picture, w)
        torch.testing.assert_close(rise, torch.full_like(rise, 0.3 * total))


def test_a_dense_layer_refuses_the_larger_pictures_of_question_2_and_a_window_does_not() -> None:
    dense = nn.Linear(28 * 28, 2)
    with pytest.raises(RuntimeError, match="shapes"):
        dense(torch.zeros(1, 56 * 56))
    assert LAYER(torch.zeros(1, 16, 56, 56)).shape == (1, 32, 54, 54)
    assert 3 < 54 * 54 / (26 * 26) < 5


def test_maps_move_and_pooled_values_stay_as_question_5_says() -> None:
    rng = torch.Generator().manual_seed(0)
    w = torch.randn(4, 1, 3, 3, generator=rng)
    picture = torch.zeros(1, 1, 20, 20)
    picture[..., 8:11, 6:9] = torch.rand(3, 3, generator=rng)
    before, after = (conv2d(p, w, padding=1) for p in (picture, picture.roll(3, -1)))
    torch.testing.assert_close(after, before.roll(3, -1))
    assert not torch.equal(after, before)
    torch.testing.assert_close(after.amax((2, 3)), before.amax((2, 3)))


def test_image_folder_gives_the_labels_of_question_7(tmp_path: Path) -> None:
    classes = ("bird", "cat", "truck")
    for folder in (*classes, *(f"test/{name}" for name in classes)):
        (tmp_path / folder).mkdir(parents=True)
        Image.new("L", (2, 2)).save(tmp_path / folder / "a.png")
    labels = {
        Path(path).parent.relative_to(tmp_path).as_posix(): label
        for path, label in ImageFolder(tmp_path).samples
    }
    assert labels == {"bird": 0, "cat": 1, "truck": 3} | {f"test/{name}": 2 for name in classes}
    assert ImageFolder(tmp_path / "test").class_to_idx["truck"] == 2


def test_the_plain_formula_of_question_8_is_sure_of_50_right_of_50() -> None:
    assert 98 + HALF > 100
    assert math.sqrt(1.0 * 0.0 / 50) == 0
    assert wilson(50, 50)[0] < 93


def test_the_net_of_question_9_can_have_all_three_numbers() -> None:
    sick = np.arange(1000) < 20
    score = np.where(sick, 930.5, np.arange(1000) - 20) / 2000  # 931 of 980 healthy ones below
    assert accuracy_score(sick, score > 0.5) == 0.98
    assert recall_score(sick, score > 0.5) == 0
    assert roc_auc_score(sick, score) == pytest.approx(0.95)
    assert (score[sick][:, None] > score[~sick]).mean() == pytest.approx(0.95)
    assert recall_score(sick, score > 0.4) == 1


def test_two_pixels_pass_through_the_net_of_the_prediction_and_one_does_not() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, padding_mode="circular"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, padding=1, padding_mode="circular"),
        nn.AdaptiveMaxPool2d(1),
    )
    x = torch.rand(20, 1, 12, 12)
    with torch.no_grad():
        still, one, two = (net(x.roll(shift, -1)) for shift in (0, 1, 2))
    torch.testing.assert_close(two, still)
    assert ((one - still).abs() > 1e-3).float().mean() > 0.5
