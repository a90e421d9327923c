"""What can be counted in the files of a tree, each number with the place that it belongs to."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

Counted = list[tuple[float, str]]

CODE = {".py", ".smk", ".yaml", ".rst", ".j2", ".html"}
_DIRECTIVE = re.compile(r"#\s*(fmt:|noqa|type:|ruff:|mypy:|pragma)")
_LAYOUT = {
    tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
}  # fmt: skip
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def files_per_folder(root: Path) -> Counted:
    """Count the files directly in each folder below ``src``, but for ``__init__.py``."""
    files = [path for path in _files(root / "src") if path.name != "__init__.py"]
    folders = Counter(str(path.parent.relative_to(root)) for path in files)
    return [(count, folder) for folder, count in folders.items()]


def module_lines(root: Path) -> Counted:
    """Count all lines of each module of ``src``."""
    modules = _files(root / "src", ".py")
    return [(_lines(path), str(path.relative_to(root))) for path in modules]


def body_lines(root: Path) -> Counted:
    """Count the lines of each function of ``src`` from the first statement behind its docstring."""
    return [
        (last - first + 1, f"{path.relative_to(root)}:{first}")
        for path in _files(root / "src", ".py")
        for first, last in _bodies(ast.parse(_text(path)))
    ]


def comments_per_100(root: Path) -> Counted:
    """Count the comments for each 100 lines of code of ``src/armed``."""
    counts = [comments_and_code(_text(path)) for path in _files(root / "src/armed", ".py")]
    comments, code = map(sum, zip(*counts, strict=True))
    return [(round(100 * comments / code, 1), "src/armed")]


def comments_and_code(text: str) -> tuple[int, int]:
    """Count the comments and the lines of code of a module.

    Directives to tools (``fmt:``, ``noqa``, ``type:``) are no comments. A line of code holds a token
    that is neither comment nor docstring.
    """
    docstrings = {line for node in ast.walk(ast.parse(text)) for line in _docstring(node)}
    comments, code = 0, set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            comments += not _DIRECTIVE.match(token.string)
        elif token.type not in _LAYOUT:
            code.update(range(token.start[0], token.end[0] + 1))
    return comments, len(code - docstrings)


def code_lines(root: Path) -> Counted:
    """Count the lines of ``src`` and ``workflow``: no data, drawings and Markdown."""
    files = (path for name in ("src", "workflow") for path in _files(root / name))
    counts = (_lines(p) for p in files if p.suffix in CODE or p.name == "Snakefile")
    return [(sum(counts), "src, workflow")]


def test_lines(root: Path) -> Counted:
    """Count the lines of Python of the tests."""
    return [(sum(map(_lines, _files(root / "tests", ".py"))), "tests")]


def common_lines(root: Path) -> Counted:
    """Count the lines of ``common.smk``."""
    return [(_lines(root / "workflow/rules/common.smk"), "workflow/rules/common.smk")]


def rule_files(root: Path) -> Counted:
    """Count the files of rules."""
    return [(len(list(_files(root / "workflow/rules", ".smk"))), "workflow/rules")]


def script_lines(root: Path) -> Counted:
    """Count all lines of each script of the workflow."""
    scripts = _files(root / "workflow/scripts", ".py")
    return [(_lines(path), str(path.relative_to(root))) for path in scripts]


def _files(folder: Path, suffix: str = "") -> Iterator[Path]:
    """All files below a folder that belong to the tree, of a suffix if one is given."""
    for path in sorted(folder.rglob(f"*{suffix}")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _lines(path: Path) -> int:
    return len(_text(path).splitlines())


def _bodies(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """First and last line of the body of each function that has more than a docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[len(_docstring(node)) > 0 :]
            if body:
                yield body[0].lineno, body[-1].end_lineno or body[-1].lineno


def _docstring(node: ast.AST) -> range:
    """Lines of the docstring of a module, class or function; none of anything else."""
    if isinstance(node, _DOCUMENTED) and ast.get_docstring(node) is not None:
        return range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    return range(0)
