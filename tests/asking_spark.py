"""Runs words of the command line that come as JSON lines, all in one process, so that one Spark session serves them."""

from __future__ import annotations

import json
import sys
import warnings

from click.testing import CliRunner

from canyu.cli import canyu
from canyu.engine import spark


def main() -> None:
    """Answer each line with one: the exit code, what was printed, and the error that was raised."""
    warnings.simplefilter("ignore")  # PySpark warns of a pandas that nobody uses here
    spark.PATIENCE_S = float(sys.argv[1])
    for line in sys.stdin:
        found = CliRunner().invoke(canyu, json.loads(line))
        raised = None if found.exception is None else f"{type(found.exception).__name__}: {found.exception}"
        sys.stdout.write(json.dumps({"code": found.exit_code, "output": found.stdout, "error": raised}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
