"""kbook.data.splits: three folders with one class map, or one sentence that says why not."""

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

from kbook.data.folders import UnusableFolder, open_splits

RANDOM = np.random.default_rng(0)


def draw(path: Path, size: tuple[int, ...] = (5, 4, 3)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RANDOM.integers(0, 256, size, dtype=np.uint8)).save(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes in three splits: 3, 2 and 1 pictures of each."""
    for split, pictures in (("train", 3), ("validation", 2), ("test", 1)):
        for name in ("ant", "bee"):
            for number in range(pictures):
                draw(tmp_path / split / name / f"{number}.png")
    return tmp_path


def test_clean_folders_open_as_torchvision_opens_them(
    root: Path, capsys: pytest.CaptureFixture
) -> None:
    splits = open_splits(root)
    assert capsys.readouterr().out == (
        "12 pictures of 2 classes, read as RGB: 6 in train, 4 in validation, 2 in test.\n"
    )
    for split in ("train", "validation", "test"):
        ours, reference = getattr(splits, split), ImageFolder(str(root / split))
        assert isinstance(ours, ImageFolder)
        assert ours.samples == reference.samples and ours.targets == reference.targets
        assert ours.class_to_idx == reference.class_to_idx == {"ant": 0, "bee": 1}
        for (image, label), (expected, number) in zip(ours, reference, strict=True):
            assert np.array_equal(image, expected) and label == number


def test_only_what_the_report_calls_usable_is_opened(
    root: Path, capsys: pytest.CaptureFixture
) -> None:
    draw(root / "train" / "ant" / "deep" / "down" / "photo.PnG", (5, 4))
    shutil.move(root / "train" / "bee" / "0.png", root / "train" / "bee" / "without_ending")
    (root / "train" / "ant" / "1.png").write_bytes(b"%PDF-1.4")
    (root / "test" / "ant" / "notes.txt").write_text("ants")
    draw(root / "validation" / ".ipynb_checkpoints" / "ant.png")  # no class of its own
    draw(root / "validation" / "ant" / ".ipynb_checkpoints" / "0.png")
    splits = open_splits(root)
    assert capsys.readouterr().out == (
        "12 pictures of 2 classes, read as RGB: 6 in train, 4 in validation, 2 in test.\n"
        "Converted to RGB: 1 L (train/ant/deep/down/photo.PnG).\n"
        "Refused: train/ant/1.png, no picture that Pillow knows.\n"
        "Refused: test/ant/notes.txt, no picture that Pillow knows.\n"
        "Hidden and passed over: 2.\n"
    )
    names = [Path(path).relative_to(root).as_posix() for path, _ in splits.train.samples]
    assert sorted(names) == [
        "train/ant/0.png",
        "train/ant/2.png",
        "train/ant/deep/down/photo.PnG",
        "train/bee/1.png",
        "train/bee/2.png",
        "train/bee/without_ending",
    ]
    for split in ("train", "validation", "test"):
        dataset = getattr(splits, split)
        assert [Path(path) for path, _ in dataset.samples] == sorted(splits.report.usable[split])
        assert {image.mode for image, _ in dataset} == {"RGB"}
        assert dataset.class_to_idx == {"ant": 0, "bee": 1}


def test_a_gray_wish_gives_gray_tensors_also_from_workers(root: Path) -> None:
    to_tensor = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    splits = open_splits(str(root), "L", to_tensor)
    for dataset in (splits.train, splits.validation, splits.test):
        image, _ = pickle.loads(pickle.dumps(dataset))[0]
        assert image.shape == (1, 5, 4) and image.dtype == torch.float32
    images, labels = next(iter(DataLoader(splits.train, batch_size=6, num_workers=1)))
    assert images.shape == (6, 1, 5, 4) and labels.tolist() == [0, 0, 0, 1, 1, 1]


def test_equal_pictures_in_two_splits_are_reported(
    root: Path, capsys: pytest.CaptureFixture
) -> None:
    with Image.open(root / "train" / "ant" / "0.png") as image:
        image.save(root / "test" / "bee" / "other.bmp")  # other bytes, other class, same pixels
        image.save(root / "train" / "ant" / "twice.png")
    with Image.open(root / "train" / "bee" / "1.png") as image:
        image.save(root / "train" / "bee" / "copy.png")  # twice in one split: its own affair
    for split, size in (("train", (2, 6)), ("validation", (3, 4))):  # same bytes, other shape
        Image.fromarray(np.zeros(size, np.uint8)).save(root / split / "ant" / "black.png")
    report = open_splits(root).report
    names = [[path.relative_to(root).as_posix() for path in group] for group in report.shared]
    assert names == [["train/ant/0.png", "train/ant/twice.png", "test/bee/other.bmp"]]
    assert capsys.readouterr().out.splitlines()[-1] == (
        "In more than one split: 1 picture "
        "(train/ant/0.png = train/ant/twice.png = test/bee/other.bmp)."
    )


def without_validation(root: Path) -> None:
    shutil.rmtree(root / "validation")


def with_train_alone(root: Path) -> None:
    without_validation(root)
    shutil.rmtree(root / "test")


def test_inside_train(root: Path) -> None:
    (root / "test").rename(root / "train" / "test")


def flat_test_inside_train(root: Path) -> None:
    draw(root / "train" / "Test" / "0.png")


def other_name_inside_train(root: Path) -> None:
    (root / "validation").rename(root / "train" / "val")


def linked_to_train(root: Path) -> None:
    shutil.rmtree(root / "test")
    (root / "test").symlink_to(root / "train", target_is_directory=True)


def linked_below_train(root: Path) -> None:
    shutil.rmtree(root / "test")
    (root / "test").symlink_to(root / "train" / "ant", target_is_directory=True)


def flat_train(root: Path) -> None:
    for name in ("ant", "bee"):
        shutil.rmtree(root / "train" / name)
    draw(root / "train" / "0.png")


def class_missing(root: Path) -> None:
    shutil.rmtree(root / "test" / "ant")


def classes_differ(root: Path) -> None:
    (root / "test" / "bee").rename(root / "test" / "Bee")
    draw(root / "validation" / "wasp" / "0.png")


def empty_class(root: Path) -> None:
    for split in ("train", "test"):
        shutil.rmtree(root / split / "bee")
        (root / split / "bee").mkdir()


def class_of_refused_files(root: Path) -> None:
    (root / "test" / "bee" / "0.png").write_bytes(b"no picture")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            without_validation,
            "The folders train, validation and test lie side by side; there is no validation.",
        ),
        (
            with_train_alone,
            "The folders train, validation and test lie side by side; "
            "there is no validation and no test.",
        ),
        (
            test_inside_train,
            "train/test looks like a split inside the folder train (it holds ant, bee): "
            "it would become a class, and its pictures pictures of train; move it beside train.",
        ),
        (
            flat_test_inside_train,
            "train/Test looks like a split inside the folder train: it would become a class, and "
            "its pictures pictures of train; move it beside train.",
        ),
        (
            other_name_inside_train,
            "train/val looks like a split inside the folder train (it holds ant, bee): "
            "it would become a class, and its pictures pictures of train; move it beside train.",
        ),
        (linked_to_train, "train leads into the folder test: they would share pictures."),
        (linked_below_train, "test leads into the folder train: they would share pictures."),
        (flat_train, "train holds no folder: each class wants one, with its pictures in it."),
        (
            class_missing,
            "The classes are not those of train: test lacks ant. Numbered folder by folder, the "
            "same label would mean different classes.",
        ),
        (
            classes_differ,
            "The classes are not those of train: validation has wasp besides; test lacks bee; "
            "test has Bee besides. Numbered folder by folder, the same label would mean different "
            "classes.",
        ),
        (
            empty_class,
            "No usable picture in train/bee, test/bee: each class wants one or more.",
        ),
        (
            class_of_refused_files,
            "No usable picture in test/bee: each class wants one or more.",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_unusable_folders_are_refused_in_one_sentence(
    root: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    spoil(root)
    with pytest.raises(UnusableFolder) as caught:
        open_splits(root)
    assert str(caught.value) == sentence


def test_what_was_refused_is_printed_before_a_class_is_called_empty(
    root: Path, capsys: pytest.CaptureFixture
) -> None:
    class_of_refused_files(root)
    with pytest.raises(UnusableFolder):
        open_splits(root)
    assert "Refused: test/bee/0.png, no picture that Pillow knows." in capsys.readouterr().out


def test_a_folder_named_twice_by_an_unpacker_is_no_split(root: Path) -> None:
    draw(root / "train" / "ant" / "ant" / "9.png")
    assert len(open_splits(root).train) == 7


def test_a_wrong_root_or_mode_is_named(root: Path) -> None:
    with pytest.raises(UnusableFolder, match=r"^There is no folder .*nowhere\.$"):
        open_splits(root / "nowhere")
    with pytest.raises(ValueError, match='^inspect wants the mode "RGB" or "L"; got \'rgb\'.$'):
        open_splits(root, "rgb")
