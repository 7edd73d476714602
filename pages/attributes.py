"""What else is known about workspaces? Attributes by which every metric is filtered, set for many by a list."""

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import attributes

require("set_attributes")
with template.head("Attributes"):
    pass

with reading() as db:
    attributes.known(db)
    attributes.new_list(db)
