"""Text in the graph: tensors of strings, their characters and bytes, and the hashes of those. Shared by all frameworks."""
