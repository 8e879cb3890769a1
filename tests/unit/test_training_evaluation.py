"""evaluate and accuracy: means over samples, a model left as it was, shapes that must fit."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from kbook.training import accuracy, evaluate, evaluation_mode

DRAWS = torch.Generator().manual_seed(2)
INPUTS = torch.randn(9, 4, generator=DRAWS)
LABELS = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1, 1])


class Given(nn.Module):
    """Outputs are the inputs."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Dropout(0.5), nn.Linear(6, 3))


def in_batches(size: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return list(zip(INPUTS.split(size), LABELS.split(size), strict=True))


def test_nine_samples_in_batches_of_four() -> None:
    losses = torch.tensor([0.5] * 8 + [4.0])
    pairs = [(part, part) for part in losses.split(4)]
    mean = evaluate(Given(), pairs, {"loss": lambda outputs, _: outputs.mean()})["loss"]
    assert mean == pytest.approx(8 / 9)


@pytest.mark.parametrize("size", [1, 2, 4, 9])
def test_the_size_of_the_batches_does_not_matter(size: int) -> None:
    model = net()
    with torch.no_grad():
        outputs = model.eval()(INPUTS)
    measured = evaluate(model.train(), in_batches(size))
    assert measured["loss"] == pytest.approx(F.cross_entropy(outputs, LABELS).item(), rel=1e-6)
    right = (outputs.argmax(1) == LABELS).sum().item()
    assert measured["accuracy"] == pytest.approx(right / 9)


def test_each_module_gets_its_own_mode_back_and_nothing_moves() -> None:
    model = net().train()
    model[1].eval()  # frozen, as in transfer learning
    before = {name: value.clone() for name, value in model.state_dict().items()}
    evaluate(model, in_batches(4))
    assert [module.training for module in model.modules()] == [True, True, False, True, True]
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_no_graph_is_kept() -> None:
    graphs: list[bool] = []

    def measure(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        graphs.append(outputs.requires_grad)
        return outputs.mean()

    evaluate(net(), in_batches(4), {"mean": measure})
    assert graphs == [False] * 3 and torch.is_grad_enabled()


def test_modes_come_back_after_an_error() -> None:
    def fail(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        raise ZeroDivisionError

    for block in (
        lambda model: evaluate(model, [(torch.zeros(2, 99), LABELS[:2])]),
        lambda model: evaluate(model, in_batches(4), {"wrong": fail}),
    ):
        model = net().train()
        model[1].eval()
        with pytest.raises((RuntimeError, ZeroDivisionError)):
            block(model)
        modes = [module.training for module in model.modules()]
        assert modes == [True, True, False, True, True]


def test_the_modes_of_a_block_of_ones_own_come_back_too() -> None:
    model = net().train()
    with pytest.raises(KeyError), evaluation_mode(model):
        assert not any(module.training for module in model.modules())
        raise KeyError
    assert all(module.training for module in model.modules())


def test_no_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        evaluate(net(), [])


def test_labels_of_another_shape_forge_no_score() -> None:
    logits = torch.eye(4)
    assert accuracy(logits, torch.arange(4)).item() == 1
    with pytest.raises(ValueError, match=r"got \(4, 4\) and \(4, 1\)"):
        accuracy(logits, torch.arange(4)[:, None])
    with pytest.raises(ValueError, match=r"got \(4,\) and \(4,\)"):
        accuracy(logits.argmax(1), torch.arange(4))
