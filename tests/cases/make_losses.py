"""Make losses.json, the formula cases that the Python and the JavaScript functions must meet.

Run `python tests/cases/make_losses.py` to write the file again. The expected values come from
the textbook formulas, computed with so many digits that nothing overflows, cancels or rounds to
zero, and are then rounded once to float64.

The file holds two lists. Each entry is one sample:

- binary: z, y and sigmoid, loss (binary cross-entropy on the logit), gradient (σ(z) - y);
- classes: logits, target (a class index) and softmax, log_softmax, log_sum_exp, loss
  (cross-entropy), gradient (p - y).
"""

import json
import random
from pathlib import Path

from mpmath import exp, fsum, log, mp, mpf

FILE = Path(__file__).with_name("losses.json")

BINARY_LOGITS = (0.0, 0.5, -0.5, 2.5, -2.5, 10.0, -10.0, 36.0, -36.0, 700.0, -700.0, 1e4, -1e4)
BINARY_TARGETS = (0.0, 1.0, 0.25, 0.9)

CLASS_LOGITS = {
    "confident": [0.0, 36.0],
    "certain": [0.0, -3.0, 40.0],
    "shifted up": [1000.0, 1001.0, 1002.0],
    "shifted down": [-1002.0, -1001.0, -1000.0],
    "tie at the top": [2.0, 5.0, 5.0, -1.0],
    "opposite extremes": [-1e4, 1e4],
    "all extreme": [1e4, 1e4, 1e4],
}


def digits(spread: float) -> int:
    """Return how many digits tell 1 + exp(-spread) from 1, and fifty more."""
    return 50 + round(spread / 2)  # exp(-spread) begins with spread / 2.3 zeros


def rounded(value: mpf) -> float:
    """Round to the nearest float64, and both signs of zero to 0.0."""
    return float(value) + 0.0


def binary_case(z: float, y: float) -> dict:
    """Compute what belongs to one logit and its target."""
    with mp.workdps(digits(abs(z))):
        p = 1 / (1 + exp(-mpf(z)))
        loss = -mpf(y) * log(p) - (1 - mpf(y)) * log(1 - p)
        values = {"sigmoid": p, "loss": loss, "gradient": p - mpf(y)}
        return {"z": z, "y": y} | {name: rounded(value) for name, value in values.items()}


def class_cases(kind: str, logits: list[float]) -> list[dict]:
    """Compute what belongs to one row of logits, with the first and the last class as target."""
    with mp.workdps(digits(max(logits) - min(logits))):
        total = fsum(exp(mpf(z)) for z in logits)
        p = [exp(mpf(z)) / total for z in logits]
        log_p = [mpf(z) - log(total) for z in logits]
        return [
            {
                "kind": kind,
                "logits": logits,
                "target": target,
                "softmax": [rounded(p_k) for p_k in p],
                "log_softmax": [rounded(log_p_k) for log_p_k in log_p],
                "log_sum_exp": rounded(log(total)),
                "loss": rounded(-log_p[target]),
                "gradient": [rounded(p_k - (k == target)) for k, p_k in enumerate(p)],
            }
            for target in (0, len(logits) - 1)
        ]


def random_rows() -> list[tuple[str, list[float]]]:
    """Draw a row of each kind for each number of classes."""
    draw = random.Random(1)
    rows = []
    for k in range(2, 11):
        rows.append(("moderate", [round(draw.uniform(-4, 4), 2) for _ in range(k)]))
        rows.append(("large", [round(draw.uniform(-800, 800), 1) for _ in range(k)]))
        rows.append(("extreme", [draw.choice((-1e4, 1e4)) for _ in range(k)]))
        rows.append(("equal", [round(draw.uniform(-4, 4), 2)] * k))
    return rows


def make_cases() -> dict[str, list[dict]]:
    """Compute all cases."""
    rows = [*CLASS_LOGITS.items(), *random_rows()]
    return {
        "binary": [binary_case(z, y) for z in BINARY_LOGITS for y in BINARY_TARGETS],
        "classes": [case for kind, logits in rows for case in class_cases(kind, logits)],
    }


def to_text(cases: dict[str, list[dict]]) -> str:
    """Write the cases as JSON, one to a line."""
    lists = (
        f'"{name}": [\n' + ",\n".join(json.dumps(case) for case in entries) + "\n]"
        for name, entries in cases.items()
    )
    return "{\n" + ",\n".join(lists) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(to_text(make_cases()), encoding="utf-8")
