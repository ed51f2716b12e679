"""The modules that rows name, each a function that adds its layers."""
