"""What it brought: figures that can be opened, the overview, its pictures and reports."""
