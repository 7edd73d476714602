"""Parts that show and never write: cards, charts, tables, forms, filters."""
