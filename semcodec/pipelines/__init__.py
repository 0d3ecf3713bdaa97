"""The core's named pipelines: YAML specs and the locks made from them."""
