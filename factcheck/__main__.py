"""`python -m factcheck` is `factcheck`."""

from factcheck.cli.main import run

if __name__ == "__main__":
    run()
