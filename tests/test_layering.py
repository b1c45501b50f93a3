"""What import-linter cannot hold: modules that are a single file."""

import ast

import pytest

from tests.servers import ROOT

OURS = {path.stem for path in ROOT.glob("*.py")} | {path.parent.name for path in ROOT.glob("*/__init__.py")}
WEB = {"flask", "flask_admin", "flask_login", "flask_principal", "flask_sqlalchemy", "wtforms"}


@pytest.mark.parametrize("module", ["config", "permissions"])
def test_settings_and_permissions_import_nothing_of_ours_or_the_web(module: str) -> None:
    tree = ast.parse((ROOT / f"{module}.py").read_text(encoding="utf-8"))
    imports = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imports += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not {name.partition(".")[0] for name in imports} & (OURS | WEB)
