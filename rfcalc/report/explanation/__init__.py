"""How the figures of a layer come about: formulas with their numbers, and the words around them."""
