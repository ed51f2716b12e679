"""Models that Ultralytics and YOLOv5 describe in YAML: a row for each module."""
