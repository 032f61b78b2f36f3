"""Records that cannot be read: an error, or a row of a table."""

import re

import pandas as pd


class InvalidRecords:
    """Records that could not be read, by file, position and reason."""

    def __init__(self, on_error="raise"):
        self.on_error = on_error
        self.records = []

    def add(self, file, position, reason):
        """Add a record, or raise ValueError."""
        reason = f"{reason.rstrip('.')}."
        if self.on_error == "raise":
            raise ValueError(f"{file}, {position}: {reason}")
        self.records.append((str(file), str(position), reason))

    def sort(self, files):
        """Sort records by file and by the first number of their position."""
        order = {str(file): place for place, file in enumerate(files)}
        first = re.compile(r"\d+")
        self.records.sort(key=lambda r: (order[r[0]], int(first.search(r[1])[0])))

    def check_some_left(self, n_good, name):
        """Raise ValueError if not one record could be read."""
        if not n_good and self.records:
            file, position, reason = self.records[0]
            raise ValueError(
                f"{name}: none of {len(self.records)} records can be read; the "
                f"first, {file}, {position}: {reason}"
            )

    def entries(self):
        """Return the entry ``rejected`` of the Bunch, or nothing."""
        if self.on_error == "raise":
            return {}
        columns = ["file", "position", "reason"]
        return {"rejected": pd.DataFrame(self.records, columns=columns, dtype=str)}


def check_on_error(on_error, return_X_y):
    """Raise ValueError for on_error="report" with return_X_y=True."""
    if on_error == "report" and return_X_y:
        raise ValueError(
            "on_error='report' and return_X_y=True exclude each other: the table of "
            "invalid records is in the Bunch."
        )
