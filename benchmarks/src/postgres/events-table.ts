/** The plain events table of a service that stores events in PostgreSQL. */
export const CREATE_EVENTS_TABLE = `
  CREATE TABLE IF NOT EXISTS events (
    position bigserial PRIMARY KEY,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (aggregate_id, version)
  )`;

/** SQLSTATE of a version that another writer took. */
export const UNIQUE_VIOLATION = '23505';

/** A statement that the server prepares once a connection. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

const COLUMNS = 3;
const inserts = new Map<number, PreparedStatement>();

/** Inserts `rows` events in one statement, so all or none; its values are aggregate id, version and body of each. */
export function insertStatement(rows: number): PreparedStatement {
  let statement = inserts.get(rows);
  if (statement === undefined) {
    const row = (index: number) => `($${index * COLUMNS + 1}, $${index * COLUMNS + 2}, $${index * COLUMNS + 3})`;
    const values = Array.from({ length: rows }, (_, index) => row(index)).join(', ');
    statement = {
      name: `insert-${rows}`,
      text: `INSERT INTO events (aggregate_id, version, body) VALUES ${values} RETURNING position`,
    };
    inserts.set(rows, statement);
  }
  return statement;
}

/** An aggregate in version order. */
export const SELECT_AGGREGATE: PreparedStatement = {
  name: 'aggregate',
  text: 'SELECT body FROM events WHERE aggregate_id = $1 ORDER BY version',
};

/** The version of an aggregate's newest event. */
export const SELECT_HEAD: PreparedStatement = {
  name: 'head',
  text: 'SELECT max(version) AS version FROM events WHERE aggregate_id = $1',
};

/** A page of the whole table in order. */
export const SELECT_PAGE: PreparedStatement = {
  name: 'page',
  text: 'SELECT position, body FROM events WHERE position > $1 ORDER BY position LIMIT $2',
};
