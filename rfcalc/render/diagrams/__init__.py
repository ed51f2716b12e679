"""Diagrams drawn: laid out, and written as SVG, png, pdf and Mermaid."""
