import pytest
import torch
import torch.nn.functional as F
from torch import nn

from kbook.models.cnn import conv_block, normalizer, small_cnn
from kbook.models.shapes import count, output_size, receptive_field, transposed_size


@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_sizes_equal_torchs(kernel, stride, dilation):
    weight = torch.zeros(1, 1, kernel, kernel)
    for size in range(1, 16):
        for padding in (0, 1, 2):
            options = {"stride": stride, "padding": padding, "dilation": dilation}
            x = torch.zeros(1, 1, size, size)
            if size + 2 * padding < dilation * (kernel - 1) + 1:
                with pytest.raises(ValueError, match=f"got {size} padded by {padding}"):
                    output_size(size, kernel, **options)
                continue
            out = F.conv2d(x, weight, **options).shape[-1]
            assert output_size(size, kernel, **options) == out


@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_transposed_sizes_equal_torchs(kernel, stride):
    weight = torch.zeros(1, 1, kernel, kernel)
    for size in range(2, 9):
        for dilation in (1, 2):
            for padding in (0, 1):
                for output_padding in range(max(stride, dilation)):
                    options = {"stride": stride, "padding": padding, "dilation": dilation}
                    options["output_padding"] = output_padding
                    ours = transposed_size(size, kernel, **options)
                    if ours < 1:
                        continue
                    x = torch.zeros(1, 1, size, size)
                    assert ours == F.conv_transpose2d(x, weight, **options).shape[-1]


def test_a_transposed_convolution_undoes_the_size():
    for size in range(5, 20):
        small = output_size(size, 3, stride=2, padding=1)
        lost = (size + 2 - 3) % 2
        assert transposed_size(small, 3, stride=2, padding=1, output_padding=lost) == size


CHAINS = [
    [(3, 1, 1)],
    [(3, 1, 1), (3, 1, 1)],
    [(3, 1, 1), (2, 2, 1), (3, 1, 1)],
    [(5, 2, 1), (3, 1, 2), (2, 2, 1), (3, 1, 1)],
    [(4, 2, 1), (4, 2, 1), (4, 2, 1), (4, 1, 1), (4, 1, 1)],  # the 70 x 70 PatchGAN
]


@pytest.mark.parametrize("chain", CHAINS)
def test_a_receptive_field_is_what_the_gradient_reaches(chain):
    x = torch.zeros(1, 1, 1, 200, dtype=torch.float64, requires_grad=True)
    h = x
    for kernel, stride, dilation in chain:
        ones = torch.ones(1, 1, 1, kernel, dtype=torch.float64)
        h = F.conv2d(h, ones, stride=(1, stride), dilation=(1, dilation))
    h[0, 0, 0, h.shape[-1] // 2].backward()
    reached = x.grad.flatten().nonzero().flatten()
    assert receptive_field(chain) == reached.max() - reached.min() + 1


def test_the_patch_of_the_patchgan_is_70():
    assert receptive_field(CHAINS[-1]) == 70  # the discriminator's name in Zhu et al. (2017)


def pilotnet():
    """The net of Bojarski et al. (2016), figure 4, on 3 x 66 x 200."""
    sizes, layers = [(3, 24, 5, 2), (24, 36, 5, 2), (36, 48, 5, 2), (48, 64, 3, 1)], []
    for inputs, outputs, kernel, stride in [*sizes, (64, 64, 3, 1)]:
        layers += [nn.Conv2d(inputs, outputs, kernel, stride), nn.ReLU()]
    layers += [nn.Flatten(), nn.Linear(1152, 100), nn.ReLU(), nn.Linear(100, 50), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(50, 10), nn.ReLU(), nn.Linear(10, 1))


def test_counts_of_a_published_net():
    # "about 27 million connections and 250 thousand parameters" (Bojarski et al., 2016)
    assert count(pilotnet(), (3, 66, 200)) == (252_219, 26_876_342)


def test_counts_by_hand():
    assert count(nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), (4, 8, 8)) == (
        6 * 2 * 9 + 6,
        6 * 2 * 9 * 4 * 4,
    )
    assert count(nn.ConvTranspose2d(4, 6, 2, stride=2, bias=False), (4, 5, 5)) == (96, 96 * 25)
    shared = nn.Linear(3, 3, bias=False)
    assert count(nn.Sequential(shared, nn.ReLU(), shared), (3,)) == (9, 18)


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(TypeError, match="^count knows no Conv1d, which has a weight matrix.$"):
        count(nn.Sequential(nn.BatchNorm1d(3), nn.Conv1d(3, 3, 3)), (3, 8))


def test_counting_changes_nothing():
    net = conv_block(1, 2).train()
    net[1].eval()
    before = net[1].running_mean.clone()
    count(net, (1, 4, 4))
    assert net.training and not net[1].training and torch.equal(net[1].running_mean, before)
    assert not net[0]._forward_hooks


def test_the_small_net_takes_any_size_and_two_or_three_stages():
    net = small_cnn(1, 10)
    assert sum(p.numel() for p in net.parameters()) == 16_794
    assert net(torch.zeros(2, 1, 12, 12)).shape == net(torch.zeros(2, 1, 9, 31)).shape == (2, 10)
    # by hand: 27·8 + 72·8 + 72·16 + 144·16 + 144·32 + 288·32 weights, two of each norm, the last
    weights = 216 + 576 + 1152 + 2304 + 4608 + 9216 + 2 * 2 * (8 + 16 + 32) + 32 * 4 + 4
    color = small_cnn(3, 4, widths=(8, 16, 32))
    assert sum(p.numel() for p in color.parameters()) == weights
    assert color(torch.zeros(2, 3, 32, 32)).shape == (2, 4)


def test_the_answer_does_not_depend_on_where_in_an_empty_picture():
    torch.manual_seed(0)
    net = small_cnn(1, 10).eval()
    x = torch.zeros(1, 1, 24, 24)
    x[..., 8:16, 8:16] = torch.rand(8, 8)
    with torch.no_grad():
        moved = net(torch.roll(x, (2, -4), dims=(2, 3)))  # even: as the pool's stride
        torch.testing.assert_close(moved, net(x))


def test_the_normalizer_is_the_transform():
    from torchvision.transforms import v2

    x = torch.rand(5, 3, 4, 4)
    mean, std = [0.4, 0.5, 0.1], [0.2, 0.3, 1.0]
    ours = normalizer(mean, std)
    torch.testing.assert_close(ours(x), v2.Normalize(mean, std)(x))
    assert not ours.training
