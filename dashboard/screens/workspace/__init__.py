"""The parts of the Workspace page: headline, panels for minutes and refunds, and a module for each tab."""
