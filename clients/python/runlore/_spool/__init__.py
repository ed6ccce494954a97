"""The spool: what a run's points are written to before they are sent, so that they outlive the process.

A folder for each run and writer, `<spool>/<run_id>/<writer_id>/`, holds

* `writer.json`: whose points these are; locked (flock) by the process that writes them for as long as it lives;
* `NNNNNNNN.points`: segments of the spool, each of a fixed size (`records.py` has the format);
* `journal`: requests of the contract that wait to be sent (`journal.py`), after them the run's end;
* `files/<sha256>`: the bytes of artifacts that wait to be sent.

Points are numbered from 1 in the order in which they are found in the segments. The number is LogStream's
`first_point`, so that every process that reads the same spool sends the same points under the same numbers.
"""
