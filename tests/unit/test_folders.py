"""kbook.data.folders: pictures written whole, every file tried, statistics over every pixel."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

from kbook.data import digits, folders
from kbook.data.folders import UnusableFolder, inspect, statistics, write

CLASSES = ("cat", "dog")
IMAGES = torch.rand(5, 3, 4, 6, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 1, 0, 1])
TO_TENSOR = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_digits_come_back_from_their_files_as_they_were(tmp_path: Path) -> None:
    images, labels = digits.load()
    write(tmp_path / "a" / "digits", images, labels, [str(number) for number in range(10)])
    dataset = ImageFolder(str(tmp_path / "a" / "digits"), lambda image: np.asarray(image)[..., 0])
    assert len(dataset) == 1797 and dataset.classes == list("0123456789")
    for (pixels, label), (path, _) in zip(dataset, dataset.samples, strict=True):
        number = int(Path(path).stem)  # its place among the images
        assert label == labels[number]
        assert np.array_equal((pixels / 255 * 16).round(), images[number, 0] * 16)


def test_color_pictures_are_written_and_numbered_by_their_place(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    root.mkdir()  # an empty folder is as good as none
    write(root, IMAGES, LABELS, ("cat", "dog", "eel"))
    assert files(root) == [f"{CLASSES[label]}/{i:04}.png" for i, label in ((0, 0), (3, 0))] + [
        f"dog/{i:04}.png" for i in (1, 2, 4)
    ]
    assert (root / "eel").is_dir()
    for number, label in enumerate(LABELS):
        with Image.open(root / CLASSES[label] / f"{number:04}.png") as image:
            expected = np.rint(IMAGES[number].permute(1, 2, 0).numpy() * 255)
            assert image.mode == "RGB" and np.array_equal(image, expected)
    assert list(tmp_path.iterdir()) == [root]


def test_numbers_sort_as_names_do_beyond_ten_thousand(tmp_path: Path) -> None:
    write(tmp_path / "x", torch.zeros(10_001, 1, 1, 1), torch.zeros(10_001).long(), ["one"])
    assert files(tmp_path / "x")[-1] == "one/10000.png"
    assert files(tmp_path / "x")[-2] == "one/09999.png"


def test_a_folder_that_holds_anything_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pets").mkdir()
    (tmp_path / "pets" / "mine.txt").write_text("keep")
    (tmp_path / "file").write_text("keep")
    for name in ("pets", "file"):
        with pytest.raises(UnusableFolder) as caught:
            write(tmp_path / name, IMAGES, LABELS, CLASSES)
        assert str(caught.value) == f"{tmp_path / name} is not empty: nothing was written."
    assert files(tmp_path) == ["file", "pets/mine.txt"]


def test_no_half_written_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save, count = Image.Image.save, iter(range(5))

    def fail_at_the_third(image: Image.Image, file: Path) -> None:
        assert tmp_path in file.parents  # on the same disk: only there can it be renamed
        if next(count) == 2:
            raise OSError(28, "No space left on device")
        save(image, file)

    monkeypatch.setattr(Image.Image, "save", fail_at_the_third)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "pets", IMAGES, LABELS, CLASSES)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("images", "labels", "classes", "message"),
    [
        (IMAGES[0], LABELS, CLASSES, r"floats of shape .*got torch.float32 of shape \(3, 4, 6\)"),
        (IMAGES[:, :2], LABELS, CLASSES, r"got torch.float32 of shape \(5, 2, 4, 6\)"),
        (IMAGES.mul(255).byte(), LABELS, CLASSES, "got torch.uint8"),
        (IMAGES * 2, LABELS, CLASSES, "from 0 to 1; some pixels are not"),
        (IMAGES - 0.5, LABELS, CLASSES, "from 0 to 1; some pixels are not"),
        (IMAGES * torch.nan, LABELS, CLASSES, "from 0 to 1; some pixels are not"),
        (IMAGES, LABELS[:3], CLASSES, r"each of the 5 images; got torch.int64 of shape \(3,\)"),
        (IMAGES, LABELS.float(), CLASSES, "got torch.float32 of shape"),
        (IMAGES, LABELS + 1, CLASSES, "labels from 0 to 1, places among the classes; got 1 to 2"),
        (IMAGES, LABELS - 1, CLASSES, "got -1 to 0"),
        (IMAGES, LABELS, ("cat", "cat"), "distinct names of folders"),
        (IMAGES, LABELS, ("cat", "dog/big"), "distinct names of folders"),
        (IMAGES, LABELS, ("cat", ".."), "distinct names of folders"),
        (IMAGES, LABELS, ("cat", ".dog"), "distinct names of folders"),
        (IMAGES, LABELS, ("cat", ""), "distinct names of folders"),
    ],
)
def test_unfit_pictures_are_not_written(
    images: Tensor, labels: Tensor, classes: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        write(tmp_path / "pets", images, labels, classes)
    assert not list(tmp_path.iterdir())


def spoiled(root: Path) -> Path:
    """A folder with everything in it that real ones have."""
    write(root, IMAGES, LABELS, (*CLASSES, "eel"))
    picture = (root / "cat" / "0000.png").read_bytes()
    (root / "cat" / "cut.png").write_bytes(picture[:60])
    (root / "dog" / "paper.pdf").write_bytes(b"%PDF-1.4")
    (root / "dog" / "line\nbreak.txt").write_text("text")
    Image.new("L", (3, 3), 7).save(root / "cat" / "gray.jpg")
    Image.new("CMYK", (3, 3)).save(root / "dog" / "print.tif")
    Image.new("L", (3, 3), 9).save(root / "dog" / "gray.gif", transparency=0)
    Image.new("LA", (3, 3)).save(root / "dog" / "old.png")
    (root / "read me.txt").write_text("text")
    (root / ".DS_Store").write_bytes(b"x")
    (root / "dog" / "Thumbs.db").write_bytes(b"x")
    return root


def test_a_report_says_what_was_done_about_each_file(tmp_path: Path) -> None:
    root = spoiled(tmp_path / "pets")
    report = inspect(root)
    assert repr(report) == str(report)
    assert str(report) == (
        "9 pictures of 3 classes, read as RGB: 3 in cat, 6 in dog, 0 in eel.\n"
        "Converted to RGB: 1 L, 1 P, 1 LA, 1 CMYK "
        "(cat/gray.jpg, dog/gray.gif, dog/old.png, …).\n"
        "Refused: cat/cut.png, cut short.\n"
        "Refused: dog/line\N{REPLACEMENT CHARACTER}break.txt, no picture that Pillow knows.\n"
        "Refused: dog/paper.pdf, no picture that Pillow knows.\n"
        "In no class folder: 1 file (read me.txt).\n"
        "Hidden and passed over: 2."
    )
    assert report.classes == ("cat", "dog", "eel")
    assert report.usable["cat"] == tuple(root / "cat" / f"{n}" for n in CAT_FILES)
    assert report.converted[root / "dog" / "print.tif"] == "CMYK"
    assert report.refused[root / "cat" / "cut.png"] == "cut short"
    assert report.strays == (root / "read me.txt",)
    assert report.hidden == (root / ".DS_Store", root / "dog" / "Thumbs.db")
    everything = [*report.pixels, *report.refused, *report.strays, *report.hidden]
    assert sorted(p.relative_to(root).as_posix() for p in everything) == files(root)


CAT_FILES = ("0000.png", "0003.png", "gray.jpg")


def test_gray_is_a_wish_like_color(tmp_path: Path) -> None:
    report = inspect(spoiled(tmp_path / "pets"), "L")
    assert "Converted to L: 5 RGB, 1 P, 1 LA, 1 CMYK (cat/0000.png, " in str(report)


def test_long_lists_are_kept_short_in_print(tmp_path: Path) -> None:
    write(tmp_path / "x", IMAGES[:, :1], LABELS, [f"{i:03}" for i in range(1_200)])
    for number in range(23):
        (tmp_path / "x" / "000" / f"{number:02}.txt").write_text("text")
    lines = str(inspect(tmp_path / "x", "L")).splitlines()
    assert lines[0] == "5 pictures of 1,200 classes, read as L: 0 to 3 in a folder."
    assert lines[1] == "Refused: 000/00.txt, no picture that Pillow knows."
    assert lines[-1] == "Refused: 3 more, named in `refused`."
    assert len(lines) == 22


def test_a_folder_without_class_folders_has_strays_only(tmp_path: Path) -> None:
    for number in range(5):
        Image.new("L", (2, 2)).save(tmp_path / f"{number}.png")
    assert str(inspect(tmp_path)) == (
        "0 pictures of 0 classes, read as RGB.\n"
        "In no class folder: 5 files (0.png, 1.png, 2.png, …)."
    )


def test_a_link_that_leads_back_is_entered_once(tmp_path: Path) -> None:
    write(tmp_path / "pets", IMAGES, LABELS, CLASSES)
    (tmp_path / "pets" / "cat" / "again").symlink_to(tmp_path / "pets" / "cat")
    assert len(inspect(tmp_path / "pets").pixels) == 5
    (tmp_path / "elsewhere").mkdir()
    Image.new("RGB", (2, 2)).save(tmp_path / "elsewhere" / "x.png")
    (tmp_path / "pets" / "cat" / "more").symlink_to(tmp_path / "elsewhere")
    assert len(inspect(tmp_path / "pets").pixels) == 6


def test_a_folder_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "pets", IMAGES, LABELS, CLASSES)
    scan = os.scandir

    def refuse(path: str | Path) -> object:
        if Path(path).name == "dog":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UnusableFolder) as caught:
        inspect(tmp_path / "pets")
    assert str(caught.value) == f"{tmp_path / 'pets' / 'dog'} cannot be read: Permission denied."


def test_the_folder_must_be_there_and_the_mode_known(tmp_path: Path) -> None:
    with pytest.raises(UnusableFolder, match=r"^There is no folder .*/no\.$"):
        inspect(tmp_path / "no")
    with pytest.raises(ValueError, match="^inspect wants the mode .*got 'gray'"):
        inspect(tmp_path, "gray")


class Items:
    """A data set that, unlike a list, knows no end: only its length tells."""

    def __init__(self, *pictures: object) -> None:
        self.pictures = pictures

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[object, int]:
        assert index < 99, "beyond the end"
        return self.pictures[index % len(self.pictures)], 0


@pytest.mark.parametrize("offset", [0.0, 3_000.0])
def test_statistics_are_numpys_over_all_pixels(offset: float) -> None:
    generator = torch.Generator().manual_seed(0)
    sizes = [(1, 1), (5, 7), (2, 30), (11, 3)]
    pictures = [offset + torch.rand(3, *size, generator=generator) for size in sizes]
    pixels = np.concatenate([x.double().flatten(1).numpy() for x in pictures], axis=1)
    mean, std = statistics(Items(*pictures))
    np.testing.assert_allclose(mean, pixels.mean(1), rtol=1e-14)
    np.testing.assert_allclose(std, pixels.std(1), rtol=1e-10)


def test_statistics_of_a_folder_normalize_it(tmp_path: Path) -> None:
    write(tmp_path / "train", *digits.load(), [str(number) for number in range(10)])
    dataset = ImageFolder(str(tmp_path / "train"), TO_TENSOR, loader=folders.read)
    mean, std = statistics(dataset)
    dataset.transform = v2.Compose([TO_TENSOR, v2.Normalize(mean, std)])
    pixels = torch.stack([image for image, _ in dataset]).double()
    assert torch.allclose(pixels.mean((0, 2, 3)), torch.zeros(3).double(), atol=1e-6)
    assert torch.allclose(pixels.std((0, 2, 3), correction=0), torch.ones(3).double(), atol=1e-6)


@pytest.mark.parametrize(
    ("items", "error", "message"),
    [
        (Items(IMAGES[0].mul(255).byte()), TypeError, r"got torch.uint8 of shape \(3, 4, 6\)"),
        (Items(Image.new("L", (2, 2))), TypeError, r"as the transforms ToImage .* got Image\."),
        (Items(IMAGES[0, 0]), TypeError, r"got torch.float32 of shape \(4, 6\)"),
        (Items(IMAGES[0], IMAGES[0, :1]), ValueError, "same channels; got 3 and 1"),
        (Items(), ValueError, "at least one picture; got none"),
    ],
)
def test_statistics_refuse_what_has_none(
    items: Items, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        statistics(items)
