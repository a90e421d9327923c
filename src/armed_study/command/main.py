"""`armed init`, `armed check` and `armed run`: what the console command understands."""

import argparse
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import armed
from armed.errors import ArmedError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the status of its end: 0, 1 for what a user can mend, or Snakemake's own."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command != "run":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = rest  # for snakemake
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # each subcommand shows those that are the reader's
            return int(options.act(options))
    except ArmedError as error:
        said = str(error)
    except ModuleNotFoundError as error:
        said = (
            f"found no package '{error.name}', expected those of the study; "
            "pip install 'armed-study[study]'"
        )
    print(f"armed {options.command}: {said}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="armed",
        description="From a table of samples in clusters (sites, batches, subjects) to a study of it.",
    )
    parser.add_argument("--version", action="version", version=f"armed {armed.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser(
        "init", help="look at a table and write the configuration of its study"
    )
    _add_columns(init, required=True)
    init.add_argument("--name", help="of the study (default: that of the file)")
    init.add_argument("--output", type=Path, help="file to write (default: NAME.yaml)")
    init.add_argument("--force", action="store_true", help="replace the file if it is there")
    init.set_defaults(act=_init)
    check = commands.add_parser(
        "check",
        help="report on the clusters of a table: what to expect and what an honest split is",
    )
    _add_columns(check, required=False)
    check.set_defaults(act=_check)
    run = commands.add_parser(
        "run",
        help="run the study of a configuration and build its report; further options are snakemake's",
    )
    run.add_argument("config", type=Path, help="YAML file, as `armed init` writes it")
    run.add_argument("--cores", default="all", help="processor cores to use (default: all)")
    run.set_defaults(act=_run)
    return parser


def _add_columns(parser: argparse.ArgumentParser, *, required: bool) -> None:
    what = "CSV, TSV or Parquet file" + ("" if required else ", or a configuration")
    parser.add_argument("table", type=Path, help=what)
    parser.add_argument("--outcome", required=required, help="column that is predicted")
    parser.add_argument(
        "--cluster", action="append", required=required, default=None,
        help="column of the cluster; given again, of a further factor with a random intercept",
    )  # fmt: skip
    parser.add_argument("--group", help="column of what no split may cut, such as the patient")
    parser.add_argument("--sample", help="column of unique names of the samples")
    parser.add_argument(
        "--features", nargs="+", default=[], help="the features (default: all others)"
    )
    parser.add_argument("--exclude", nargs="+", default=[], help="columns that are no features")
    parser.add_argument("--positive", help="value of a binary outcome that counts as 1")
    kinds = ("binary", "continuous", "count", "categorical")
    parser.add_argument("--kind", choices=kinds, help="of the outcome (default: found out)")
    parser.add_argument("--separator", help="of the fields of a text file (default: found out)")
    parser.add_argument(
        "--decimal", choices=(".", ","), help="mark before decimals (default: found out)"
    )
    parser.add_argument("--encoding", help="of a text file, such as cp1252 (default: UTF-8)")


def _init(options: argparse.Namespace) -> int:
    from armed_study.command import init

    return init.init(options)


def _check(options: argparse.Namespace) -> int:
    from armed_study.command import check

    return check.check(options)


def _run(options: argparse.Namespace) -> int:
    from armed_study.command import run

    return run.run(options.config, options.cores, options.rest)


if __name__ == "__main__":
    sys.exit(main())
