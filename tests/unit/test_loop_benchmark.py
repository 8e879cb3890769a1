"""benchmarks.loop: all loops do the same work, so that its table compares like with like."""

import importlib

import torch

loop = importlib.import_module("benchmarks.loop")


def test_all_loops_on_our_batches_end_with_the_same_weights() -> None:
    nets = [
        loop.bare_loop(loop.our_batches(), 40),
        loop.safe_loop(steps=40),
        loop.loop_with_checkpoints(40),
    ]
    reference = torch.cat([p.flatten() for p in nets[0].parameters()])
    start = torch.cat([p.flatten() for p in loop.fresh_net().parameters()])
    assert not torch.equal(reference, start)
    for net in nets[1:]:
        assert torch.equal(torch.cat([p.flatten() for p in net.parameters()]), reference)


def test_the_loader_draws_as_many_batches_of_the_same_sizes() -> None:
    ours = [len(labels) for _, labels in loop.our_batches()]
    assert [len(labels) for _, labels in loop.torch_loader()] == ours
