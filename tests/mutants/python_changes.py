"""Changes of Python code as Cosmic Ray makes them; it runs in an environment of its own (`.ci/mutants`)."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.databases import CHECKOUT
from tests.mutants.changes import Change, distinct, of_lines

# Which of Cosmic Ray's operators change a meaning that a test could miss; `a - b` as `a ** b` fails at once.
MAKE = """
import json, sys
from pathlib import Path
from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
NAMES = '''
ReplaceBinaryOperator_Add_Sub ReplaceBinaryOperator_Sub_Add ReplaceBinaryOperator_Mul_Add
ReplaceBinaryOperator_FloorDiv_Mul ReplaceBinaryOperator_BitOr_BitAnd ReplaceBinaryOperator_BitAnd_BitOr
ReplaceComparisonOperator_Eq_NotEq ReplaceComparisonOperator_NotEq_Eq ReplaceComparisonOperator_Lt_LtE
ReplaceComparisonOperator_LtE_Lt ReplaceComparisonOperator_Gt_GtE ReplaceComparisonOperator_GtE_Gt
ReplaceComparisonOperator_Is_IsNot ReplaceComparisonOperator_IsNot_Is ReplaceUnaryOperator_USub_UAdd
ReplaceUnaryOperator_Delete_Not AddNot ReplaceTrueWithFalse ReplaceFalseWithTrue ReplaceAndWithOr ReplaceOrWithAnd
ReplaceBreakWithContinue ReplaceContinueWithBreak NumberReplacer ZeroIterationForLoop
'''.split()
for path in sys.argv[1:]:
    source = Path(path).read_text()
    for name in NAMES:
        operator = plugins.get_operator('core/' + name)()
        found = sum(len(list(operator.mutation_positions(node))) for node in ast_nodes(get_ast(source)))
        for occurrence in range(found):
            changed = mutate_code(source, operator, occurrence)
            if changed and changed != source:
                print(json.dumps([path, name, changed]))
"""


def python_changes(root: Path, paths: list[str]) -> Iterator[Change]:
    """Yield every change of these files; a change inside a type or a signature means nothing and is left out."""
    return distinct(_made(root, paths)) if paths else iter(())


def _made(root: Path, paths: list[str]) -> Iterator[Change]:
    python = subprocess.run(
        [CHECKOUT / ".ci" / "mutants"], check=True, capture_output=True, text=True
    ).stdout.strip()
    made = subprocess.run(
        [python, "-c", MAKE, *paths], cwd=root, check=True, capture_output=True, text=True
    ).stdout
    for made_line in made.splitlines():
        path, operator, text = json.loads(made_line)
        line, before, after = of_lines((root / path).read_text(), text)
        if not _only_a_type(before, operator):
            yield Change(path, line, before, after, text, operator)


def _only_a_type(before: str, operator: str) -> bool:
    """Whether the change is in a signature or between types: `*` there multiplies nothing, and `|` joins types."""
    return before.startswith(("def ", "async def ")) or (
        "BitOr" in operator and ("None" in before or "->" in before)
    )
