"""Time `armed` with random effects that are estimated, over the time where gradients move them.

``python benchmarks/estimated.py [--replicas 50] [--epochs 3] [--rounds 2]``

The spirals of `config/config.yaml` (scenario plain, 9,000 training samples, a slope on 4 hidden features
and an intercept, 10 clusters), all replicas as one computation on one thread, both ways by turns; of
the rounds the one of the least processor time counts. What PyTorch imports at the first call is not timed.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import torch
import yaml
from replicas import CONFIG, make_task, together


def main() -> None:
    """Print seconds and ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--replicas", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    config = yaml.safe_load(CONFIG.read_text())
    task = make_task("armed", config, epochs=asked.epochs, replicas=asked.replicas)
    ways = {"gradients": False, "estimated": True}
    spent: dict[str, list[float]] = {way: [] for way in ways}
    together(replace(task, settings=replace(task.settings, epochs=1)), [0])
    for _ in range(asked.rounds):
        for way, estimated in ways.items():
            effects = task.blocks["random_effects"] | {"estimated": estimated}
            own = replace(task, blocks=task.blocks | {"random_effects": effects})
            start = time.process_time()
            together(own, list(range(asked.replicas)))
            spent[way].append(time.process_time() - start)
    gradients, estimated = (min(spent[way]) for way in ways)
    print(f"gradients {gradients:.1f} s, estimated {estimated:.1f} s")
    print(f"ratio {estimated / gradients:.2f}")


if __name__ == "__main__":
    main()
