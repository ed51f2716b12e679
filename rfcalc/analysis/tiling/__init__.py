"""Running a network on parts of an image: how they lie, what of their outputs is exact, how many they are."""
