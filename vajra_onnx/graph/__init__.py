"""The only room that knows spox: typed operators, blocks of columns, weights, tree ensembles, and the finished model."""
