"""kbook.data.cifar10, on a tiny archive in the format of the real one."""

import hashlib
import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.datasets import CIFAR10

from kbook.data import cache, cifar10
from kbook.data.cache import DataUnavailable

EACH = 4  # pictures in a batch file; the real ones have 10,000
BATCHES = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]
# All red values of a picture, then all green, then all blue, row by row.
PIXELS = np.random.default_rng(0).integers(0, 256, (6, EACH, 3, 32, 32), dtype=np.uint8)
LABELS = np.random.default_rng(1).integers(0, 10, (6, EACH))


def batch_files() -> dict[str, bytes]:
    files = {
        name: pickle.dumps({"data": pixels.reshape(EACH, 3072), "labels": labels.tolist()})
        for name, pixels, labels in zip(BATCHES, PIXELS, LABELS, strict=True)
    }
    return {**files, "batches.meta": pickle.dumps({"label_names": list(cifar10.CLASSES)})}


FILES = batch_files()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the tiny archive in the place of the real one; return its file."""
    file = tmp_path / "mirror" / CIFAR10.filename
    file.parent.mkdir()
    with tarfile.open(file, "w:gz") as archive:
        for name, content in FILES.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    monkeypatch.setenv("KBOOK_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(CIFAR10, "train_list", [[n, md5(FILES[n])] for n in BATCHES[:5]])
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", md5(FILES["test_batch"])]])
    monkeypatch.setitem(CIFAR10.meta, "md5", md5(FILES["batches.meta"]))
    tiny = cifar10.ARCHIVE._replace(mirrors=(file.as_uri(),), md5=md5(file.read_bytes()))
    monkeypatch.setattr(cifar10, "ARCHIVE", tiny)
    return file


@pytest.mark.parametrize(("train", "part"), [(True, slice(0, 5)), (False, slice(5, 6))])
def test_pictures_and_labels_are_those_of_the_files(train: bool, part: slice, mirror: Path) -> None:
    images, labels = cifar10.load(train)
    assert images.dtype == torch.uint8 and labels.dtype == torch.int64
    assert images.is_contiguous()
    assert np.array_equal(images, PIXELS[part].reshape(-1, 3, 32, 32))
    assert labels.tolist() == LABELS[part].flatten().tolist()


def test_the_data_set_is_torchvisions_with_a_transform(mirror: Path) -> None:
    dataset = cifar10.dataset(False)
    assert isinstance(dataset, CIFAR10) and dataset.classes == list(cifar10.CLASSES)
    image, label = dataset[1]
    assert isinstance(image, Image.Image) and label == LABELS[5, 1]
    assert np.array_equal(np.asarray(image), PIXELS[5, 1].transpose(1, 2, 0))
    assert cifar10.dataset(True, np.shape)[0][0] == (32, 32, 3) and len(cifar10.dataset(True)) == 20


def test_what_is_unpacked_already_is_used_as_it_is(mirror: Path) -> None:
    cifar10.load(True)
    mirror.unlink()
    assert len(cifar10.load(False)[1]) == EACH
    there = sorted(path.name for path in (cache.folder() / "cifar-10-batches-py").iterdir())
    assert there == sorted(FILES)


@pytest.mark.parametrize("name", ["data_batch_3", "test_batch", "batches.meta"])
def test_a_damaged_file_is_fetched_anew(name: str, mirror: Path) -> None:
    cifar10.load(True)
    file = cache.folder() / "cifar-10-batches-py" / name
    file.write_bytes(FILES[name][:-1] + b"x")
    cifar10.load(True)
    assert file.read_bytes() == FILES[name]


def test_without_network_the_digits_are_offered(mirror: Path) -> None:
    mirror.unlink()
    with pytest.raises(DataUnavailable) as caught:
        cifar10.load(True)
    assert str(caught.value) == (
        f"cifar-10-python.tar.gz could not be downloaded: {mirror.as_uri()} failed "
        "(No such file or directory). The digits (kbook.data.digits) need no download: "
        "the quick profile uses them."
    )


def test_the_real_archive_is_the_official_one() -> None:
    assert cifar10.ARCHIVE.mirrors == ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",)
    assert cifar10.ARCHIVE.md5 == "c58f30108f718f92721af3b95e74349a"
    assert cifar10.source() == "CIFAR-10, md5 of data_batch_1 c99cafc15224…"
    assert len(set(cifar10.CLASSES)) == 10
