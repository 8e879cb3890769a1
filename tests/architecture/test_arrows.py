"""Which module may import which: one direction, no cycles, nothing heavy for the site."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

KBOOK = Path(__file__).parents[2] / "kbook"
STANDARD = set(sys.stdlib_module_names)

# Package of kbook → what it may import besides the standard library and itself.
ARROWS = {
    "losses": {"numpy"},
    "autograd": {"numpy", "kbook.losses"},
    "gradcheck": {"numpy"},
    "metrics": {"numpy", "torch", "kbook.training"},
    "figures": {"numpy", "matplotlib", "IPython"},
    "plots": {"numpy", "matplotlib"},
    "errors": set(),
    "files": set(),
    "profile": {"numpy", "torch", "threadpoolctl", "kbook.errors"},
    "data": {
        *("numpy", "torch", "sklearn", "torchvision", "PIL", "filelock", "tqdm"),
        "kbook.errors",
    },
    "training": {
        *("torch", "matplotlib", "IPython", "tqdm"),
        *("kbook.errors", "kbook.files", "kbook.figures", "kbook.plots"),
    },
    "driving": {"numpy", "torch", "kbook.data"},
    "models": {"torch"},
    "recipes": {"torch", "kbook.data", "kbook.training"},
    "assets": {"numpy", "torch", "kbook.models", "kbook.files"},
    "recorded": {"IPython", "torch", "numpy", "kbook.profile", "kbook.assets", "kbook"},
    "quizzes": set(),
    "widgets": {"anywidget", "traitlets", "numpy", "kbook.quizzes"},
    "exercises": {"numpy", "torch", "kbook.losses", "kbook.autograd", "kbook.gradcheck"},
}
FREE = {"cli", "__main__", "__init__"}


def package_of(path: Path) -> str:
    return path.relative_to(KBOOK).with_suffix("").parts[0]


def imports(path: Path) -> set[str]:
    """The modules that a file imports, `kbook.x` to two parts, all others to one."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: want absolute imports"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {".".join(name.split(".")[: 2 if name.startswith("kbook") else 1]) for name in found}


FILES = sorted(KBOOK.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(KBOOK)))
def test_imports_follow_the_arrows(path: Path) -> None:
    package = package_of(path)
    if package in FREE:
        return
    allowed = ARROWS[package] | {f"kbook.{package}"}
    extra = {name for name in imports(path) if name not in STANDARD | allowed}
    assert not extra, (
        f"kbook.{package} may import {sorted(allowed)}, {path.name} imports {sorted(extra)}"
    )


def test_nothing_imports_the_command_line() -> None:
    for path in FILES:
        if package_of(path) not in {"cli", "__main__"}:
            assert "kbook.cli" not in imports(path), path


def test_packages_have_no_cycle() -> None:
    graph = {
        name: {f.removeprefix("kbook.") for f in allowed if f.startswith("kbook.")}
        for name, allowed in ARROWS.items()
    }
    done: set[str] = set()
    while graph:
        leaves = [name for name, needs in graph.items() if needs <= done]
        assert leaves, f"a cycle among {sorted(graph)}"
        done |= set(leaves)
        graph = {name: needs for name, needs in graph.items() if name not in leaves}


def test_widgets_and_the_package_need_no_torch() -> None:
    code = "import sys; sys.modules['torch'] = None; import kbook, kbook.widgets, kbook.quizzes"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_package_itself_imports_nothing_heavy() -> None:
    code = "import sys, kbook; assert not {'numpy', 'torch', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
