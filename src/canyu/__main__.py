"""``python -m canyu`` is the command ``canyu``."""

from canyu.cli import main

if __name__ == "__main__":
    main()
