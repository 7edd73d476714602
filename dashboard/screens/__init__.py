"""One module or folder per page, with the page's name."""
