"""A peer of the benchmarks: pySigma's DuckDB backend over JSON lines, with our signatures as plain Sigma rules.

Run by `scripts/bench.py` in an environment of its own that holds pysigma-backend-duckdb and duckdb, as
`peer_duckdb.py RULES LOGS OUT`. DuckDB reads the logs itself, all cores at work, into a table that each rule's query is
asked of: the quickest that this backend can be used. The rules want the message, the process and the subsystem.
"""

import sys
from pathlib import Path

import duckdb
from sigma.collection import SigmaCollection
from sigma.processing.pipeline import ProcessingPipeline
from sigma_backend_duckdb import DuckDBBackend

TABLE = """
CREATE TABLE logs AS
SELECT "timestamp", eventMessage AS message, processImagePath AS process, subsystem
FROM read_json(?, format = 'newline_delimited', columns = {
    'timestamp': 'VARCHAR', 'eventMessage': 'VARCHAR', 'processImagePath': 'VARCHAR', 'subsystem': 'VARCHAR'
})
"""


def main(rules: Path, logs: Path, out: Path) -> None:
    """Write each row that a rule finds, with the rule's name."""
    backend = DuckDBBackend(ProcessingPipeline())
    database = duckdb.connect()
    database.execute("SET threads = 2")
    database.execute(TABLE, [str(logs / "*")])
    asked = found = 0
    with out.open("w", encoding="utf-8") as written:
        for path in sorted(rules.glob("*.yml")):
            for query in backend.convert(SigmaCollection.from_yaml(path.read_text(encoding="utf-8"))):
                rows = database.execute(query).fetchall()
                written.writelines(f"{path.stem}\t{row}\n" for row in rows)
                asked += 1
                found += len(rows)
    print(f"{asked} queries, {found} rows")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
