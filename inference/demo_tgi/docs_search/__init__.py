"""Finds the section of some Markdown files that answers a question, by its words."""

from inference.demo_tgi.docs_search.excerpt import excerpt
from inference.demo_tgi.docs_search.ranking import Found, Index
from inference.demo_tgi.docs_search.sections import Section, read_sections

__all__ = ["Found", "Index", "Section", "excerpt", "read_sections"]
