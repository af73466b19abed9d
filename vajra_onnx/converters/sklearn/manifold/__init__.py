"""sklearn.manifold."""
