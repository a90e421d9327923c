"""What a training step, an E step and memory cost by number of clusters.

``python benchmarks/clusters.py [--clusters 10 1000 100000 1000000] [--samples 1000000] [--batch-size 256]``

`armed` without its adversary, whose outputs are as many as the clusters, with a random intercept and a
random slope, and `lmmnn`, which has an intercept; a binary outcome, on one thread. Every number of
clusters has the same samples and a process of its own, whose peak of memory is printed. A *step* is one
of the optimiser on a minibatch, an *E step* one round of the closed-form update over all samples, of which an
epoch takes a few. The exit code is 1 where a step with the most clusters takes more than twice as long
as with the fewest.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import replace

import torch
from torch import nn

from armed import methods
from armed.data.samples import Samples
from armed.effects.linear_effects import LinearEffects
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.em import em_round
from armed.inference.mixed_model import MixedModel
from armed.inference.start import initial_state
from armed.methods.base import Method, ModelComponents
from armed.tasks.outcomes import BinaryTask
from armed.training.batching import BatchLoader
from armed.training.ensemble import Ensemble
from armed.training.optimizers import FitSettings
from armed.training.steps import Steps

BOUND = 2.0
STEPS = 300
NEWTON_STEPS = 2


def build(name: str, clusters: int) -> Method:
    """Return a method around a small perceptron."""
    torch.manual_seed(0)
    layers = [nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1)]
    effects = LinearEffects(clusters, initial_sd={"intercept": 0.5, "input": 0.5}, correlated=True)
    parts = ModelComponents(
        nn.Sequential(*layers), BinaryTask(), ("1", "3"), clusters, random_effects=[effects]
    )
    kind = methods.load(name)
    settings = kind.Settings()
    if name == "armed":
        settings = replace(settings, adversary_weight=0.0)
    method = kind(parts, settings)
    method.measure(torch.zeros(2, 1))
    return method


def draw(samples: int, clusters: int) -> Samples:
    """Samples whose clusters differ by a standard normal intercept."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(samples, 1, generator=generator)
    z = torch.randint(0, clusters, (samples,), generator=generator)
    predictor = x[:, 0] + torch.randn(clusters, generator=generator)[z]
    y = (torch.rand(samples, generator=generator) < predictor.sigmoid()).float()
    return Samples(x, y, z)


def step_seconds(method: Method, samples: Samples, batch_size: int) -> float:
    """Median time of a step on a minibatch."""
    ensemble = Ensemble([method], pad=False)
    steps = Steps(ensemble, FitSettings(), steps=STEPS, trace=True)
    loader = BatchLoader(
        [samples],
        ensemble.template,
        seeds=[0],
        slots=ensemble.slots,
        batch_size=batch_size,
        steps=-(-len(samples) // batch_size),
        class_weights=False,
        device=ensemble.device,
    )
    ensemble.template.train()
    spent = []
    for batch, _ in zip(loader.epoch(), range(STEPS), strict=False):
        start = time.process_time()
        steps.step(batch)
        spent.append(time.process_time() - start)
    return sorted(spent)[len(spent) // 2]


@torch.no_grad()
def e_step_seconds(method: Method, samples: Samples) -> float:
    """Time of a round of the closed-form update."""
    design, fixed = method.eval().statistics(samples.x)
    term = EffectsTerm(design.double(), samples.z, method.clusters)
    one = torch.ones_like(fixed).double()
    model = MixedModel(method.task, samples.y.double(), fixed.double(), one, [term])
    model, _ = model.in_blocks()
    state = initial_state(model)
    start = time.process_time()
    em_round(model, state, steps=NEWTON_STEPS)
    return time.process_time() - start


def measure(name: str, clusters: int, samples: int, batch_size: int) -> dict[str, float]:
    """Seconds of a step and an E step, and the peak of memory in MB."""
    torch.set_num_threads(1)
    data = draw(samples, clusters)
    method = build(name, clusters)
    step = step_seconds(method, data, batch_size)
    e_step = e_step_seconds(method, data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"step": step, "e_step": e_step, "peak": peak}


def main() -> int:
    """Print a line for each method and number of clusters."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--methods", nargs="+", default=["armed", "lmmnn"])
    parser.add_argument("--clusters", nargs="+", type=int, default=[10, 1000, 100_000, 1_000_000])
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--alone", action="store_true", help="measure here and print JSON")
    asked = parser.parse_args()
    if asked.alone:
        found = measure(asked.methods[0], asked.clusters[0], asked.samples, asked.batch_size)
        print(json.dumps(found))
        return 0
    print(f"{'method':<8}{'clusters':>10}{'step ms':>10}{'ratio':>7}{'E step s':>10}{'peak MB':>9}")
    worst = 0.0
    for name in asked.methods:
        first = None
        for clusters in asked.clusters:
            numbers = ["--samples", str(asked.samples), "--batch-size", str(asked.batch_size)]
            own = ["--alone", "--methods", name, "--clusters", str(clusters), *numbers]
            run = [sys.executable, __file__, *own]
            found = json.loads(subprocess.run(run, check=True, stdout=subprocess.PIPE).stdout)
            first = first or found["step"]
            ratio = found["step"] / first
            worst = max(worst, ratio if clusters == max(asked.clusters) else 0)
            print(
                f"{name:<8}{clusters:>10}{1e3 * found['step']:>10.2f}{ratio:>7.2f}"
                f"{found['e_step']:>10.2f}{found['peak']:>9.0f}",
                flush=True,
            )
    return int(worst > BOUND)


if __name__ == "__main__":
    sys.exit(main())
