"""The room of knowledge: articles that may be quoted, the assistant that quotes them, and what people asked it."""
