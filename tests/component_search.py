"""Searches the installed packages for components of Streamlit once in a process, not at every page that a test opens.

Parsing the metadata of a hundred packages is most of what a test of a page would cost.
"""

from functools import cache

from streamlit.components.v2 import manifest_scanner

manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
