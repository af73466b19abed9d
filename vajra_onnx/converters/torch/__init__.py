"""PyTorch: torch's own exporter makes the graph, which becomes a part of ours."""
