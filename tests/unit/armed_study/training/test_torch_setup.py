import subprocess
import sys
from pathlib import Path

import pytest

START = f"""
import sys, torch
sys.path.insert(0, {str(Path(__file__).resolve().parents[4] / "src")!r})
from armed_study.learners import torch_setup
torch_setup.spare_compiler()
"""
TRAINING = """
weight = torch.nn.Parameter(torch.ones(2))
optimiser = torch.optim.Adam([weight], lr=0.1, fused=True)
optimiser.zero_grad()
weight.sum().backward()
optimiser.step()
optimiser.load_state_dict(optimiser.state_dict())
assert (weight < 1).all()
print("torch._dynamo.convert_frame" in sys.modules)
"""
ASKING = """
print({statement})
print(torch.compile(lambda x: 2 * x, backend="eager")(torch.ones(1)).item())
print("torch._dynamo.convert_frame" in sys.modules)
"""
QUESTIONS = (
    "torch._dynamo.compiled_autograd.__name__",
    "__import__('torch._dynamo.config', fromlist=['config']).__name__",
    "torch._dynamo.is_compiling()",
)


def said_by(program):
    run = subprocess.run(
        [sys.executable, "-c", START + program], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


def test_training_does_not_import_the_compiler():
    assert said_by(TRAINING) == ["False"]


@pytest.mark.parametrize("statement", QUESTIONS)
def test_compiler_is_there_for_those_who_ask(statement):
    before, _, twice, after = said_by(TRAINING + ASKING.format(statement=statement))
    assert (before, twice, after) == ("False", "2.0", "True")


def test_only_jobs_spare_it():
    said = said_by("torch_setup.set_up()\nprint(torch.get_num_threads())")
    assert said == ["1"]
    program = START.replace("spare_compiler", "set_up") + "print('torch._dynamo' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
