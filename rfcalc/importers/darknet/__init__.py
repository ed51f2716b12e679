"""Configurations of darknet: files of sections, each a layer."""
