"""Answers statements from standard input, one JSON string a line, with
{"output": …} or {"error": …}; run by the python of one engine."""

import json
import os
import sys
import tempfile

from chdb.session import Session


def taken_from(file):
    """What was written to `file`, which is empty afterwards."""
    sys.stderr.flush()
    file.seek(0)
    text = file.read().decode(errors="replace")
    file.seek(0)
    file.truncate()
    return text


def main():
    # The library may print, and an INSERT reads standard input: neither must
    # meet the statements and answers.
    statements = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    # Version 23.10 tells errors only on standard error.
    complaints = tempfile.TemporaryFile()
    os.dup2(complaints.fileno(), 2)
    os.dup2(2, 1)
    session = Session(sys.argv[1])
    for line in statements:
        try:
            result = session.query(json.loads(line), "TabSeparated")
            answer = {"output": "" if result is None else result.data()}
        except Exception as error:
            answer = {"error": str(error).strip() or repr(error)}
        complaint = taken_from(complaints)
        if "DB::Exception" in complaint:
            answer = {"error": complaint.strip()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
