"""What customers see of care: a form to complain, and a secret link to follow the case."""
