"""Running a network on parts of an image: how they must lie, what of their outputs is exact, how many there are."""
