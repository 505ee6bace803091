"""Finding articles by their words: an index that is made of the rows alone, and can be thrown away."""
