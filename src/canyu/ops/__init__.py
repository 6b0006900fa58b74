"""The Django project: one room per thing that people run."""
