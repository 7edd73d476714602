"""How does your own history come in? From files: read, check, try, book, undo."""

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import imports, stripe_imports

require("import_history")
with template.head("Import"):
    pass
with reading() as db:
    imports.overview(db)

folder = imports.choose_folder()
if folder:
    imports.mapping(folder)
    imports.run(folder)
stripe_imports.show(folder)
imports.progress()
with reading() as db:
    imports.past(db)
