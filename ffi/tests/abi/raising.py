"""Replays the history with ledger.py while the function that knows nullifiers raises: python3 raising.py EXAMPLE LIBRARY FOLDER HOW.

The second send.tx is spent. Whatever the function does, it must not be accepted, and what was raised must arrive here.
"""

import importlib.util
import os
import signal
import sys
from pathlib import Path

example, library, folder, how = sys.argv[1:]
spec = importlib.util.spec_from_file_location("ledger", example)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
ledger = module.Ledger(module.Library(library))
raised = {"error": OSError, "closed": OSError, "interrupt": KeyboardInterrupt, "exit": SystemExit}
asked = []


def fail(*_):
    asked.append(None)
    if how == "signal":
        signal.raise_signal(signal.SIGINT)
        return 0
    raise raised[how]("the storage is away")


def unguarded(*_):
    asked.append(None)
    raise OSError("an exception that leaves the callback")


if how == "closed":
    # Standard error that cannot be written.
    reader, writer = os.pipe()
    os.close(reader)
    os.dup2(writer, 2)
sends = 0
for line in (Path(folder) / "history.txt").read_text().splitlines():
    action, *words = line.split()
    sends += words == ["send.tx"]
    if sends < 2:
        ledger.step(Path(folder), action, words)
        continue
    notes, height = ledger.view.note_count, ledger.view.height
    ledger.view.has_nullifier = module.Known(unguarded if how == "unguarded" else ledger.guard.answer(fail))
    # The tag was seen too, and would refuse the transaction by itself.
    ledger.view.has_trace_tag = module.KnownTag(lambda *_: 0)
    expected = {"signal": KeyboardInterrupt, "unguarded": OSError}.get(how) or raised[how]
    try:
        ledger.step(Path(folder), action, words)
    except expected:
        assert asked and (ledger.view.note_count, ledger.view.height) == (notes, height)
        print("raised")
    break
