"""A real Slurm of one node on this machine, in a folder of its own; nothing is written elsewhere.

By hand, as root, with Debian's packages slurmctld, slurmd, slurm-client and munge:
``python tests/support/slurm.py FOLDER`` starts it and runs until it is interrupted.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

COMMANDS = ("sacct", "sacctmgr", "sbatch", "scancel", "scontrol", "sinfo", "squeue", "srun")
PROGRAMS = ("munged", "slurmctld", "slurmd", *COMMANDS)
PATH = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
MEMORY = 16000  # MB that the node says it has

# No accounting and no cgroups: jobs are followed by their processes, and those over their memory are
# killed by the daemon of the node, which checks every second.
CONFIGURATION = """\
ClusterName=small
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,batch_sched_delay=0
KillWait=2
MinJobAge=3600
ReturnToService=2
SwitchType=switch/none
MpiDefault=none
SlurmdParameters=config_overrides
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> list[str]:
    """What a Slurm needs and is not there: programs, and to be root."""
    absent = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    return absent + ([] if os.geteuid() == 0 else ["root"])


@contextmanager
def running(folder: Path):
    """Start the daemons; give the environment in which the commands of Slurm speak to them."""
    folder = folder.resolve()
    for part in ("state", "spool"):
        (folder / part).mkdir(parents=True)
    folder.chmod(0o755)
    configuration = folder / "slurm.conf"
    ports = {"controller": _free_port(), "node": _free_port()}
    host = socket.gethostname().partition(".")[0]
    configuration.write_text(
        CONFIGURATION.format(folder=folder, host=host, memory=MEMORY, **ports), encoding="utf-8"
    )
    environment = {**os.environ, "PATH": f"{_commands(folder, configuration)}{os.pathsep}{PATH}"}
    with ExitStack() as daemons:
        _start_munge(folder, environment, daemons)
        for name in ("slurmctld", "slurmd"):
            _start([name, "-D", "-f", str(configuration)], folder, environment, daemons)
        _wait_until_idle(environment, folder)
        yield environment


def _commands(folder: Path, configuration: Path) -> Path:
    """Write the commands of Slurm, which know the configuration; return their folder.

    In a variable of the environment it would not reach jobs: Snakemake drops those of Slurm.
    """
    commands = folder / "bin"
    commands.mkdir()
    for path in map(Path, filter(None, (shutil.which(name, path=PATH) for name in COMMANDS))):
        command = commands / path.name
        command.write_text(f'#!/bin/sh\nSLURM_CONF="{configuration}" exec {path} "$@"\n')
        command.chmod(0o755)
    return commands


def _start_munge(folder: Path, environment: dict, daemons: ExitStack) -> None:
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    files = {"key-file": key, "socket": folder / "munge.socket", "pid-file": folder / "munge.pid",
             "seed-file": folder / "munge.seed", "log-file": folder / "munge.log"}  # fmt: skip
    options = [f"--{name}={path}" for name, path in files.items()]
    _start(["munged", "--foreground", "--force", *options], folder, environment, daemons)


def _start(command: list[str], folder: Path, environment: dict, daemons: ExitStack) -> None:
    with (folder / f"{command[0]}.out").open("w") as said:
        process = subprocess.Popen(
            command, env=environment, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
    daemons.callback(_stop, process)


def _stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_idle(environment: dict, folder: Path, seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    said = ""
    while "idle" not in said:
        if time.monotonic() > deadline:
            logs = "\n".join(path.read_text()[-2000:] for path in sorted(folder.glob("*.log")))
            raise TimeoutError(f"no idle node after {seconds:.0f} s; sinfo said {said!r}; {logs}")
        time.sleep(0.3)
        answer = subprocess.run(
            ["sinfo", "--noheader", "--format=%t"], env=environment, capture_output=True, text=True,
            timeout=300, check=False,
        )  # fmt: skip
        said = answer.stdout + answer.stderr


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with running(Path(sys.argv[1])) as variables:
        print(f"export PATH={variables['PATH']}", flush=True)
        signal.pause()
