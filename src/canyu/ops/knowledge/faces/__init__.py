"""The public pages of knowledge: a question without a login, and the articles that anybody may read."""
