"""The exercises of chapter 4: other right answers, other wordings of mistakes, and the oracles."""

import hashlib
import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.metrics import average_precision_score, precision_score, recall_score, roc_auc_score
from torch.nn import functional

from kbook.exercises import grade
from tests.exercise_tasks import BY_ID, cases, close, oracle

# --- right answers that share no code with the reference solutions --------------------------------


def conv_by_numpy(x, w, stride, dilation):
    spread = np.zeros((*w.shape[:2], dilation * (w.shape[2] - 1) + 1))
    spread[:, :, ::dilation] = w
    return [sum(map(lambda a, b: np.correlate(a, b, "valid"), x, k))[::stride] for k in spread]


def conv_by_windows(x, w, stride, dilation):
    windows = sliding_window_view(x, dilation * (w.shape[2] - 1) + 1, axis=1)
    return np.einsum("cti,oci->ot", windows[:, ::stride, ::dilation], w)


def pool_by_loops(x, g, k, stride):
    dx = [[0.0] * x.shape[1] for _ in x]
    for i, j in itertools.product(*map(range, g.shape)):
        window = itertools.product(range(k), range(k))
        places = [(i * stride + a, j * stride + b) for a, b in window]
        row, column = max(places, key=lambda at: x[at])  # max keeps the first of equals
        dx[row][column] += g[i, j]
    return dx


def pool_by_scatter(x, g, k, stride):
    _, at = functional.max_pool2d(torch.from_numpy(x)[None], k, stride, return_indices=True)
    dx = torch.zeros(x.size, dtype=torch.float64)
    return dx.scatter_add(0, at.ravel(), torch.from_numpy(g).ravel()).reshape(x.shape)


def statistics_by_merging(batches):
    count, mean, spread = 0, 0.0, 0.0
    for x in batches:
        pixels = np.moveaxis(x, 1, 0).reshape(x.shape[1], -1).astype(np.float32)
        n, new = pixels.shape[1], pixels.mean(axis=1)
        apart = new - mean
        spread = spread + pixels.var(axis=1) * n + apart**2 * count * n / (count + n)
        mean, count = mean + apart * n / (count + n), count + n
    return mean, np.sqrt(spread / count)


def statistics_by_histogram(batches):
    tables = sum(
        np.stack([np.bincount(channel.ravel(), minlength=256) for channel in np.moveaxis(x, 1, 0)])
        for x in batches
    )
    shares = tables / tables.sum(axis=1, keepdims=True)
    mean = shares @ np.arange(256)
    return mean, [
        math.sqrt(p @ (np.arange(256) - m) ** 2) for p, m in zip(shares, mean, strict=True)
    ]


def trust_by_bayes(y, predicted, shares):
    k = range(len(shares))
    rate = [[np.mean(predicted[y == i] == j) for j in k] for i in k]
    named = [sum(shares[i] * rate[i][j] for i in k) for j in k]
    return [shares[j] * rate[j][j] / named[j] if named[j] else 0 for j in k]


def trust_by_weights(y, predicted, shares):
    weights = shares[y] / np.bincount(y)[y]
    labels = range(len(shares))
    return precision_score(
        y, predicted, average=None, labels=labels, sample_weight=weights, zero_division=0
    )


def input_gradient_by_matrix(g, w, n, stride, padding):
    identity = torch.eye(w.shape[1] * n, dtype=torch.float64).reshape(-1, w.shape[1], n)
    columns = functional.conv1d(identity, torch.from_numpy(w), stride=stride, padding=padding)
    return (columns.flatten(1) @ torch.from_numpy(g).ravel()).reshape(w.shape[1], n)


def input_gradient_by_transposed(g, w, n, stride, padding):
    rest = (n + 2 * padding - w.shape[2]) % stride
    g, w = torch.from_numpy(g), torch.from_numpy(w)
    return functional.conv_transpose1d(g, w, stride=stride, padding=padding, output_padding=rest)


def input_gradient_by_spreading(g, w, n, stride, padding):
    channels, k = w.shape[1:]
    spread = np.zeros((len(g), (g.shape[1] - 1) * stride + 1))
    spread[:, ::stride] = g
    full = [sum(map(np.convolve, spread, w[:, c])) for c in range(channels)]
    dx = np.zeros((channels, n + 2 * padding))
    dx[:, : spread.shape[1] + k - 1] = full
    return dx[:, padding : dx.shape[1] - padding]


def audit_by_digest(splits):
    where = defaultdict(set)
    files = [
        (split, name, hashlib.sha256(data).hexdigest())
        for split, folders in splits.items()
        for name, folder in folders.items()
        for data in folder.values()
    ]
    for split, _, digest in files:
        where[digest].add(split)
    names = sorted({name for folders in splits.values() for name in folders})
    rows = {split: [-1] * len(names) for split in splits}
    for split, name, digest in files:
        at = names.index(name)
        rows[split][at] = max(0, rows[split][at]) + (where[digest] != {split})
    return list(rows.values())


def finite(scores):
    return np.where(np.isinf(scores), -1e6, scores)


def auc_by_sklearn(scores, labels):
    return roc_auc_score(labels, finite(scores))


def error_by_leaving_out(scores, labels):
    """The share that a sample beats, from the areas with and without it."""
    area, variance = auc_by_sklearn(scores, labels), 0.0
    for kind in (1, 0):
        count = (labels == kind).sum()
        left = np.array(
            [
                auc_by_sklearn(np.delete(scores, i), np.delete(labels, i))
                for i in np.flatnonzero(labels == kind)
            ]
        )
        shares = count * area - (count - 1) * left
        variance += shares.var(ddof=1) / count
    return math.sqrt(variance)


def auc_by_ranks(scores, labels):
    ranks = [(np.sum(scores < s) + np.sum(scores <= s) + 1) / 2 for s in scores]
    m, n = (labels == 1).sum(), (labels == 0).sum()
    p, q = np.zeros(m), np.zeros(n)
    for at, kind in ((p, 1), (q, 0)):
        own = scores[labels == kind]
        within = [(np.sum(own < s) + np.sum(own <= s) + 1) / 2 for s in own]
        at[:] = (np.array(ranks)[labels == kind] - within) / (n if kind else m)
    return p.mean(), math.sqrt(p.var(ddof=1) / m + q.var(ddof=1) / n)


OTHER_SOLUTIONS = [
    ("04-1", 9.0),
    ("04-1", torch.tensor(9)),
    ("04-2", np.int64(47)),
    ("04-3", 233_600),
    ("04-3", 2.34e5),
    ("04-4", conv_by_numpy),
    ("04-4", conv_by_windows),
    ("04-5", pool_by_loops),
    ("04-5", pool_by_scatter),
    ("04-6", statistics_by_merging),
    ("04-6", statistics_by_histogram),
    ("04-7", trust_by_bayes),
    ("04-7", trust_by_weights),
    ("04-8", input_gradient_by_matrix),
    ("04-8", input_gradient_by_transposed),
    ("04-8", input_gradient_by_spreading),
    ("04-9", audit_by_digest),
    ("04-10", auc_by_ranks),
]


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_SOLUTIONS)
def test_a_right_answer_passes_however_it_is_written(exercise_id, answer):
    result = grade(exercise_id, answer)
    assert result.passed, result.message


# --- mistakes, written differently ---------------------------------------------------------------


def flipped_by_numpy(x, w, stride, dilation):
    return conv_by_numpy(x, w[:, :, ::-1], stride, dilation)


def conv_without_stride(x, w, stride, dilation):
    return functional.conv1d(torch.tensor(x)[None], torch.tensor(w), dilation=dilation)[0]


def conv_with_padding(x, w, stride, dilation):
    half = dilation * (w.shape[2] - 1) // 2
    x, w = torch.tensor(x)[None], torch.tensor(w)
    return functional.conv1d(x, w, stride=stride, dilation=dilation, padding=half)[0]


def conv_rounded_up(x, w, stride, dilation):
    reach = dilation * (w.shape[2] - 1)
    n_out = math.ceil((x.shape[1] - reach - 1) / stride) + 1
    x = np.pad(x, ((0, 0), (0, stride)))
    starts = np.arange(n_out) * stride
    return sum(w[:, :, i] @ x[:, starts + i * dilation] for i in range(w.shape[2]))


def conv_with_length_of_close_taps(x, w, stride, dilation):
    n_out = (x.shape[1] - w.shape[2]) // stride + 1
    starts = np.arange(n_out) * stride
    return sum(w[:, :, i] @ x[:, starts + i * dilation] for i in range(w.shape[2]))


def pool_with_loop_over_ties(x, g, k, stride):
    dx = np.zeros_like(x)
    for i, j in np.ndindex(g.shape):
        best, at = -np.inf, None
        for a, b in np.ndindex(k, k):
            if x[i * stride + a, j * stride + b] >= best:
                at = i * stride + a, j * stride + b
                best = x[at]
        dx[at] += g[i, j]
    return dx


def pool_with_zero_start(x, g, k, stride):
    dx = np.zeros_like(x)
    for i, j in np.ndindex(g.shape):
        best, at = 0, (i * stride, j * stride)
        for a, b in np.ndindex(k, k):
            if x[i * stride + a, j * stride + b] > best:
                at = i * stride + a, j * stride + b
                best = x[at]
        dx[at] += g[i, j]
    return dx


def pool_by_mask(x, g, k, stride):
    dx = np.zeros_like(x)
    windows = sliding_window_view(x, (k, k))[::stride, ::stride]
    for (i, j), slope in np.ndenumerate(g):
        rows, columns = np.nonzero(windows[i, j] == windows[i, j].max())
        dx[i * stride + rows, j * stride + columns] += slope
    return dx


def pool_without_adding(x, g, k, stride):
    _, at = functional.max_pool2d(torch.from_numpy(x)[None], k, stride, return_indices=True)
    dx = np.zeros(x.size)
    dx[at.ravel().numpy()] = g.ravel()
    return dx.reshape(x.shape)


def pool_with_amax(x, g, k, stride):  # torch's amax shares among ties
    t = torch.tensor(x, requires_grad=True)
    windows = t.unfold(0, k, stride).unfold(1, k, stride)
    (windows.amax((2, 3)) * torch.tensor(g)).sum().backward()
    return t.grad


def statistics_in_two_passes(batches):
    pixels = sum(x[:, 0].size for x in batches)
    return np.stack([sum(x.sum((0, 2, 3)) for x in batches) / pixels] * 2)


def statistics_of_bytes(batches):
    n = total = squares = 0
    for x in batches:
        n += x.size // x.shape[1]
        total = total + x.sum(axis=(0, 2, 3))
        squares = squares + (x * x).sum(axis=(0, 2, 3))
    return total / n, np.sqrt(squares / n - (total / n) ** 2)


def statistics_by_pictures(batches):
    pictures = [p.reshape(len(p), -1) for x in batches for p in x.copy()]
    mean = np.mean([p.mean(axis=1) for p in pictures], axis=0)
    square = np.mean([(p.astype(float) ** 2).mean(axis=1) for p in pictures], axis=0)
    return mean, np.sqrt(square - mean**2)


def statistics_with_variances(batches):
    n, mean, variance = 0, 0.0, 0.0
    for x in batches:
        new = x.size // x.shape[1]
        mean = (n * mean + new * x.mean((0, 2, 3))) / (n + new)
        variance = (n * variance + new * x.var((0, 2, 3))) / (n + new)
        n += new
    return mean, variance**0.5


def statistics_with_ddof(batches):
    channels = [np.moveaxis(x.copy(), 1, 0).reshape(x.shape[1], -1) for x in batches]
    pixels = np.concatenate(channels, axis=1)
    return pixels.mean(axis=1), pixels.std(axis=1, ddof=1)


def trust_with_nan(y, predicted, shares):
    rate = np.array([[np.mean(predicted[y == i] == j) for j in range(len(shares))]
                     for i in range(len(shares))])  # fmt: skip
    return np.diag(rate) * shares / (shares @ rate)


def trust_on_the_test_set(y, predicted, shares):
    return precision_score(y, predicted, average=None, labels=range(len(shares)), zero_division=0)


def recall(y, predicted, shares):
    return recall_score(y, predicted, average=None)


def transposed_without_rest(g, w, n, stride, padding):
    g, w = torch.from_numpy(g), torch.from_numpy(w)
    return functional.conv_transpose1d(g, w, stride=stride, padding=padding)


def transposed_of_flipped(g, w, n, stride, padding):
    return input_gradient_by_transposed(g, w[:, :, ::-1].copy(), n, stride, padding)


def input_gradient_without_adding(g, w, n, stride, padding):
    dx = np.zeros((w.shape[1], n + 2 * padding))
    for t in range(g.shape[1]):
        dx[:, t * stride : t * stride + w.shape[2]] = np.einsum("o,oci->ci", g[:, t], w)
    return dx[:, padding : n + padding]


def input_gradient_with_negative_slice(g, w, n, stride, padding):  # [:, 0:-0] is empty
    dx = np.pad(input_gradient_by_matrix(g, w, n, stride, padding), ((0, 0), (padding, padding)))
    return dx[:, padding:-padding]


def audit_of_names(splits):
    names = sorted({name for folders in splits.values() for name in folders})
    table = np.zeros((len(splits), len(names)))
    for i, (split, folders) in enumerate(splits.items()):
        others = {
            file for other, rest in splits.items() if other != split
            for files in rest.values() for file in files
        }  # fmt: skip
        for j, name in enumerate(names):
            files = folders.get(name, {})
            table[i, j] = len(others & set(files)) if files else -1
    return table


def audit_of_sets(splits):
    names = sorted({name for folders in splits.values() for name in folders})
    table = np.zeros((len(splits), len(names)))
    for i, (split, folders) in enumerate(splits.items()):
        others = {
            data for other, rest in splits.items() if other != split
            for files in rest.values() for data in files.values()
        }  # fmt: skip
        for j, name in enumerate(names):
            data = set(folders.get(name, {}).values())
            table[i, j] = len(others & data) if data else -1
    return table


def audit_with_seen(splits):
    seen = {}
    names = sorted({name for folders in splits.values() for name in folders})
    table = np.full((len(splits), len(names)), -1)
    for i, folders in enumerate(splits.values()):
        for j, name in enumerate(names):
            data = list(folders.get(name, {}).values())
            if data:
                table[i, j] = sum(seen.get(d, i) != i for d in data)
            for d in data:
                seen.setdefault(d, i)
    return table


def audit_by_first_classes(splits):
    names = list(next(iter(splits.values())))
    return [[len(folders[name]) for name in names] for folders in splits.values()]


def sklearn_without_error(scores, labels):
    return auc_by_sklearn(scores, labels), 0.0


def strict_with_other_error(scores, labels):
    pairs = scores[labels == 1][:, None] > scores[labels == 0]
    return pairs.mean(), pairs.std() / math.sqrt(len(scores))


def differences(scores, labels):
    apart = scores[labels == 1][:, None] - scores[labels == 0]
    wins = np.where(apart > 0, 1, np.where(apart < 0, 0, 0.5)) + 0 * apart
    return wins.mean(), 0.0


def rank_sum_without_mean_ranks(scores, labels):
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    m, n = (labels == 1).sum(), (labels == 0).sum()
    return (ranks[labels == 1].sum() - m * (m + 1) / 2) / (m * n), 0.1


def curve_one_by_one(scores, labels):
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(labels[order]) / labels.sum()
    false = np.cumsum(1 - labels[order]) / (1 - labels).sum()
    found, false = np.append(0, found), np.append(0, false)
    return ((found[1:] + found[:-1]) / 2 * np.diff(false)).sum(), 0.1


def error_of_positives(scores, labels):
    area, _ = auc_by_ranks(scores, labels)
    wins = [np.mean(s > scores[labels == 0]) + np.mean(s == scores[labels == 0]) / 2
            for s in scores[labels == 1]]  # fmt: skip
    return area, np.std(wins, ddof=1) / math.sqrt(len(wins))


VARIANTS = [
    ("04-1", 9.5, "9.5 is not it"),
    ("04-1", -8.0, "in row 0"),
    ("04-2", 46, "46 is not it"),
    ("04-2", 47.1, "47.1 is not it"),
    ("04-3", 230_000, "rounded too far"),
    ("04-3", 2336, "these are the weights"),
    ("04-4", flipped_by_numpy, "the kernel is flipped"),
    ("04-4", conv_without_stride, "the stride has no effect"),
    ("04-4", conv_with_padding, "zeros are put at both ends"),
    ("04-4", conv_rounded_up, "hangs over the end"),
    ("04-4", conv_with_length_of_close_taps, "IndexError"),
    ("04-4", lambda x, w, s, d: conv_by_windows(x, w, s, d)[None], "the shape must be (1, 3)"),
    ("04-4", lambda x, w, s, d: conv_by_windows(x, w[::-1], s, d), "is right"),
    ("04-5", pool_with_loop_over_ties, "as a loop with >= would find it"),
    ("04-5", pool_with_zero_start, "starts from 0"),
    ("04-5", pool_by_mask, "every maximum gets the whole gradient"),
    ("04-5", pool_with_amax, "split among the maxima"),
    ("04-5", pool_without_adding, "keeps one gradient only"),
    ("04-5", lambda x, g, k, s: np.kron(g, np.ones((k, k))), "the shape must be (5, 7)"),
    ("04-6", statistics_in_two_passes, "gone through only once"),
    ("04-6", statistics_of_bytes, "a byte squared"),
    ("04-6", statistics_by_pictures, "weighed by their pictures"),
    ("04-6", statistics_with_variances, "the variance of their means"),
    ("04-6", statistics_with_ddof, "minus 1"),
    ("04-6", lambda batches: [0.5, 0.5], "the shape must be (2, 1)"),
    ("04-7", trust_with_nan, "0 / 0 is nan"),
    ("04-7", trust_on_the_test_set, "the shares have no effect"),
    ("04-7", recall, "this is the recall"),
    ("04-7", lambda y, predicted, shares: shares, "is right"),
    ("04-8", transposed_without_rest, "only up to a rest"),
    ("04-8", transposed_of_flipped, "turned around"),
    ("04-8", input_gradient_without_adding, "overwrites the one before"),
    ("04-8", input_gradient_with_negative_slice, "the shape must be (1, 4), but it is (1, 0)"),
    ("04-9", audit_of_names, "this compares names"),
    ("04-9", audit_of_sets, "different contents are counted"),
    ("04-9", audit_with_seen, "only the later split is told"),
    ("04-9", audit_by_first_classes, "KeyError"),
    ("04-9", lambda splits: [], "the shape must be (2, 2)"),
    ("04-10", auc_by_sklearn, "the shape must be (2,)"),
    ("04-10", lambda s, y: (roc_auc_score(y, s), 0.1), "ValueError: Input contains infinity"),
    ("04-10", sklearn_without_error, "but 0.3536 is right"),
    ("04-10", strict_with_other_error, "a tie counts as a loss"),
    ("04-10", differences, "nan"),
    ("04-10", rank_sum_without_mean_ranks, "as the ranks do"),
    ("04-10", curve_one_by_one, "one slanted step"),
    ("04-10", error_of_positives, "the area is right"),
    (
        "04-10",
        lambda s, y: (average_precision_score(y, finite(s)), 0.1),
        "is right",
    ),
]


@pytest.mark.parametrize(("exercise_id", "answer", "hint"), VARIANTS)
def test_a_mistake_is_recognized_however_it_is_written(exercise_id, answer, hint):
    result = grade(exercise_id, answer)
    assert not result.passed
    assert hint in result.message


def test_a_stub_and_a_number_are_told_apart_from_a_wrong_function():
    assert "Nothing here yet" in grade("04-6", lambda batches: ...).message
    assert "Nothing here yet" in grade("04-9", lambda splits: None).message
    assert "wants a function" in grade("04-10", 0.75).message
    assert "call it first" in grade("04-1", conv_by_numpy).message


def test_dictionaries_are_watched_for_changes():
    def careless(splits):
        table = audit_by_digest(splits)
        names = {name for folders in splits.values() for name in folders}
        for folders in splits.values():
            for name in names:
                folders.setdefault(name, {})
        return table

    assert "changes the array or list" in grade("04-9", careless).message


def test_the_set_cannot_be_kept_in_memory():
    message = grade("04-6", lambda batches: statistics_by_histogram(list(batches))).message
    assert "were put aside" in message


# --- what is asked, against other definitions ----------------------------------------------------

PICTURE = np.array([[3, 3, 5, 1], [3, 4, 2, 0], [0, 2, 4, 3], [5, 3, 2, 5]], dtype=float)
KERNEL = np.array([[-1, 1, -2], [0, 0, -1], [2, 2, 0]], dtype=float)


def outputs(picture, kernel):
    places = np.ndindex(*(np.array(picture.shape) - 2))
    return [float((picture[i : i + 3, j : j + 3] * kernel).sum()) for i, j in places]


def test_the_outputs_by_hand_and_what_goes_wrong():
    right, window = outputs(PICTURE, KERNEL), PICTURE[1:4, :3]
    assert right == [-8, 12, 9, 5]
    assert BY_ID["04-1"].task.expected() == right[2]
    turned = (KERNEL[::-1, ::-1], KERNEL.T, KERNEL[:, ::-1], KERNEL[::-1])
    wrong = [outputs(window, kernel)[0] for kernel in turned]
    wrong += [right[0], right[1], right[3], outputs(np.pad(PICTURE, 1), KERNEL)[4]]
    wrong += [right[2] / 9, sum(right), outputs(window, abs(KERNEL))[0]]
    wrong += [window.sum() * KERNEL.sum(), (window @ KERNEL).sum()]
    assert wrong == [float(mistake.answer) for mistake in BY_ID["04-1"].wrong]


STACK = [(5, 2, 1), (3, 1, 3), (2, 2, 1), (5, 1, 1)]  # window, stride, dilation


def columns(width, stack):
    for k, stride, dilation in stack:
        width = (width - dilation * (k - 1) - 1) // stride + 1
    return width


def needed(n, stack):
    for k, stride, dilation in reversed(stack):
        n = (n - 1) * stride + dilation * (k - 1) + 1
    return n


def test_the_smallest_width_and_what_goes_wrong():
    right = BY_ID["04-2"].task.expected()
    assert [columns(width, STACK) for width in (42, 43, 46, 47, 48)] == [2, 3, 3, 4, 4]
    assert right == needed(4, STACK) == 47
    without = [[(k, 1 if at == i else s, d) for i, (k, s, d) in enumerate(STACK)] for at in (0, 2)]
    numbers = {float(mistake.answer) for mistake in BY_ID["04-2"].wrong}
    assert needed(4, [(k, s, 1) for k, s, _ in STACK]) == 39
    assert needed(1, STACK) == 35 and needed(3, STACK) == 43 and 35 + 4 * 4 == 51
    assert [needed(4, stack) for stack in without] == [26, 33]
    assert needed(4, [(k, 1, d) for k, _, d in STACK]) == 19
    assert needed(4, STACK[:-1]) == 31
    assert numbers == {39, 35, 51, 43, 140, 48, 53, 49, 57, 19, 33, 26, 31, 16}


def test_one_output_sees_what_the_solution_says():
    x = torch.zeros(1, 1, 1, 60, dtype=torch.float64, requires_grad=True)
    out = x
    for k, stride, dilation in STACK:
        ones = torch.ones(1, 1, 1, k, dtype=torch.float64)
        out = functional.conv2d(out, ones, stride=stride, dilation=dilation)
    seen = [torch.autograd.grad(o, x, retain_graph=True)[0].ravel().nonzero().ravel()
            for o in out.ravel()[:2]]  # fmt: skip
    assert [(int(s.min()), int(s.max())) for s in seen] == [(0, 34), (4, 38)]


def test_the_multiplications_are_weights_times_places():
    depthwise = torch.nn.Conv2d(32, 32, 5, stride=2, padding=2, groups=32, bias=False)
    pointwise = torch.nn.Conv2d(32, 48, 1, bias=False)
    full = torch.nn.Conv2d(32, 48, 5, stride=2, padding=2, bias=False)
    between = depthwise(torch.zeros(1, 32, 20, 20))
    assert pointwise(between).shape[2:] == full(torch.zeros(1, 32, 20, 20)).shape[2:] == (10, 10)
    weights = depthwise.weight.numel() + pointwise.weight.numel()
    assert BY_ID["04-3"].task.expected() == 100 * weights == 233_600
    assert full.weight.numel() == 38_400 and weights == 2336
    assert round(38_400 / 2336, 2) == 16.44


@pytest.mark.parametrize("exercise_id", ["04-1", "04-2", "04-3"])
def test_wrong_numbers_are_told_apart(exercise_id):
    exercise = BY_ID[exercise_id]
    right = exercise.task.expected()
    assert right == exercise.solution
    numbers = sorted([right, *(float(mistake.answer) for mistake in exercise.wrong)])
    gaps = np.diff(numbers)
    assert (gaps > 2 * exercise.task.rtol * np.abs(numbers[1:])).all() and gaps.min() >= 1


@pytest.mark.parametrize(("x", "w", "stride", "dilation"), cases("04-4"))
def test_the_convolution_has_the_size_of_the_formula(x, w, stride, dilation):
    out = oracle("04-4", x, w, stride, dilation)
    n, k = x.shape[1], w.shape[2]
    assert out.shape == (len(w), (n - dilation * (k - 1) - 1) // stride + 1)
    assert close(out, conv_by_windows(x, w, stride, dilation))


def test_some_signals_have_a_rest_and_some_kernels_several_channels():
    rests = [(x.shape[1] - d * (w.shape[2] - 1) - 1) % s for x, w, s, d in cases("04-4")]
    assert any(rests) and not all(rests)
    assert any(x.shape[0] > 1 and s > 1 and d > 1 for x, w, s, d in cases("04-4"))


@pytest.mark.parametrize(("x", "g", "k", "stride"), cases("04-5"))
def test_pooling_hands_out_what_it_gets_to_one_entry_of_each_window(x, g, k, stride):
    dx = oracle("04-5", x, g, k, stride)
    assert dx.shape == x.shape and math.isclose(dx.sum(), g.sum())
    assert np.count_nonzero(dx) <= g.size
    assert close(dx, pool_by_loops(x, g, k, stride))


def test_some_windows_have_ties_and_some_overlap_or_leave_gaps():
    ties = [
        any((w == w.max()).sum() > 1 for w in sliding_window_view(x, (k, k)).reshape(-1, k * k))
        for x, _, k, _ in cases("04-5")
    ]
    steps = [(k > s) - (k < s) for _, _, k, s in cases("04-5")]
    assert {(tie, step) for tie, step in zip(ties, steps, strict=True)} >= {
        *((True, 0), (True, 1), (False, 0), (False, 1), (False, -1))
    }


@pytest.mark.parametrize("batches", [case[0] for case in cases("04-6")])
def test_the_statistics_are_those_of_all_pixels(batches):
    kept = list(batches)
    pixels = np.concatenate(
        [x.transpose(1, 0, 2, 3).reshape(x.shape[1], -1) for x in kept], axis=1
    ).astype(float)
    ours = BY_ID["04-6"].task.oracle(kept)
    assert close(ours, [pixels.mean(axis=1), pixels.std(axis=1)])
    assert all(x.dtype == np.uint8 for x in kept)
    with pytest.raises(RuntimeError, match="only once"):
        list(batches)


def test_batches_differ_in_number_and_size_and_the_hint_is_right():
    shapes = [[x.shape for x in case[0]] for case in cases("04-6")]
    assert any(len({shape[0] for shape in batch}) > 1 for batch in shapes)
    assert any(len({shape[2:] for shape in batch}) > 1 for batch in shapes)
    assert (np.array([200], dtype=np.uint8) ** 2).tolist() == [64]


def test_the_clinic_of_the_text():
    y, predicted, shares = cases("04-7")[1]
    assert np.bincount(y).tolist() == [20, 20] and shares.tolist() == [0.99, 0.01]
    assert (predicted[y == 1] == 1).sum() == 18 and (predicted[y == 0] == 1).sum() == 1
    alarms, right = 9900 // 20 + 90, 90
    assert alarms == 585
    assert close(oracle("04-7", y, predicted, shares)[1], right / alarms)
    assert close(oracle("04-7", *cases("04-7")[0])[1], 18 / 19)
    assert round(100 * right / alarms) == 15


@pytest.mark.parametrize(("y", "predicted", "shares"), cases("04-7"))
def test_trust_agrees_with_a_world_that_has_the_shares(y, predicted, shares):
    copies = np.rint(shares * 100 * math.lcm(*np.bincount(y)) / np.bincount(y)).astype(int)
    guesses, truth = np.repeat(predicted, copies[y]), np.repeat(y, copies[y])
    found = [
        np.mean(truth[guesses == k] == k) if (guesses == k).any() else 0 for k in range(len(shares))
    ]
    assert np.allclose(oracle("04-7", y, predicted, shares), found, atol=1e-6)
    assert set(y) == set(range(len(shares))) and math.isclose(shares.sum(), 1)


@pytest.mark.parametrize(("g", "w", "n", "stride", "padding"), cases("04-8"))
def test_the_input_gradient_is_the_adjoint_of_the_convolution(g, w, n, stride, padding):
    dx = oracle("04-8", g, w, n, stride, padding)
    x = np.random.default_rng(1).normal(size=dx.shape)
    out = conv_by_windows(np.pad(x, ((0, 0), (padding, padding))), w, stride, 1)
    assert out.shape == g.shape
    assert math.isclose((out * g).sum(), (x * dx).sum(), rel_tol=1e-9, abs_tol=1e-9)


def test_some_inputs_are_read_twice_and_some_not_at_all():
    given = cases("04-8")
    rests = [(n + 2 * p - w.shape[2]) % s for g, w, n, s, p in given]
    assert any(rest > p for rest, (*_, p) in zip(rests, given, strict=True))
    assert any(w.shape[2] > s > 1 for g, w, n, s, p in given)
    assert any(w.shape[2] < s for g, w, n, s, p in given)
    assert any(p > 0 and s > 1 and w.shape[1] > 1 for g, w, n, s, p in given)


def test_two_lengths_may_have_outputs_of_one_length():
    x, w = torch.zeros(1, 1, 8), torch.zeros(1, 1, 3)
    lengths = [functional.conv1d(x[..., :n], w, stride=2).shape[2] for n in (7, 8)]
    assert lengths == [3, 3]


def test_the_audit_of_splits_that_have_everything_wrong():
    splits = {
        "train": {"owl": {"a": b"1", "b": b"2", "c": b"2"}, "ant": {"a": b"3"}},
        "test": {"cow": {}, "ant": {"x": b"2", "a": b"4"}},
    }
    # columns: ant, cow, owl
    assert oracle("04-9", splits).tolist() == [[0, -1, 2], [1, -1, -1]]
    assert audit_by_digest(splits) == [[0, -1, 2], [1, -1, -1]]


def test_splits_are_clean_or_wrong_in_every_way():
    tables = [oracle("04-9", *case) for case in cases("04-9")]
    assert (tables[0] == 0).all()
    assert sum((table > 0).any() for table in tables) >= 4
    assert sum((table < 0).any() for table in tables) >= 3
    names = [list(splits) for (splits,) in cases("04-9")]
    assert any(order != sorted(order) for order in names)


@pytest.mark.parametrize(("scores", "labels"), cases("04-10"))
def test_the_area_agrees_with_scikit_learn(scores, labels):
    area, error = oracle("04-10", scores, labels)
    assert math.isclose(area, auc_by_sklearn(scores, labels), rel_tol=1e-12)
    few = min((labels == 1).sum(), (labels == 0).sum())
    assert few >= 2
    if len(labels) < 100 and few > 2:
        assert math.isclose(error, error_by_leaving_out(scores, labels), abs_tol=1e-9)


def test_the_standard_error_is_the_spread_over_many_test_sets():
    rng = np.random.default_rng(5)
    labels = np.repeat([1, 0], [40, 80])
    drawn = [oracle("04-10", np.round(rng.normal(size=120) + labels, 1), labels)
             for _ in range(600)]  # fmt: skip
    areas, errors = np.transpose(drawn)
    assert 0.9 < errors.mean() / areas.std() < 1.1
    assert 0.9 < np.mean(np.abs(areas - areas.mean()) < 2 * errors) < 0.98


def test_scores_have_ties_infinities_and_near_ties():
    scores = [s for s, _ in cases("04-10")]
    assert sum(len(set(s)) < len(s) for s in scores) >= 4
    assert any((s == -np.inf).sum() > 1 for s in scores)
    assert any(0 < np.diff(np.sort(finite(s))).min() < 1e-11 for s in scores)
