import type { EventMessage, NewEvent } from '@annals/core';
import pg from 'pg';
import {
  type Contender,
  type Head,
  type PlacedEvent,
  type ReadAggregate,
  type ReadSummary,
  VersionConflict,
} from '../contender/contender.ts';
import { QuantitySum } from '../contender/quantity.ts';
import { envelope } from '../event/envelope.ts';
import type { Place } from '../place/place.ts';
import {
  CREATE_EVENTS_TABLE,
  insertStatement,
  SELECT_AGGREGATE,
  SELECT_HEAD,
  SELECT_PAGE,
  UNIQUE_VIOLATION,
} from './events-table.ts';

const PAGE_ROWS = 5_000;

/** Opens all connections of the pool, so that none is opened while something is measured, and makes the table. */
export async function openPostgres({ postgresUrl, postgresPool }: Place): Promise<Contender> {
  const pool = new pg.Pool({
    connectionString: postgresUrl,
    max: postgresPool,
    min: postgresPool,
    idleTimeoutMillis: 0,
  });
  pool.on('error', () => {}); // an idle connection that the ending server closes
  try {
    await pool.query(CREATE_EVENTS_TABLE);
    const clients = await Promise.all(Array.from({ length: postgresPool }, () => pool.connect()));
    for (const client of clients) client.release();
    return new PostgresContender(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** A plain events table: the unique version is the expectation, statements are prepared, connections are pooled. */
class PostgresContender implements Contender {
  constructor(private readonly pool: pg.Pool) {}

  async append(aggregateId: string, head: Head, events: readonly NewEvent[]): Promise<Head> {
    const values: unknown[] = [];
    let correlationId: string | undefined;
    for (const [index, event] of events.entries()) {
      const version = head.version + 1 + index;
      const message = envelope(aggregateId, version, event, correlationId);
      correlationId ??= message.messageId;
      values.push(aggregateId, version, JSON.stringify(message));
    }
    try {
      await this.pool.query({ ...insertStatement(events.length), values });
      return { version: head.version + events.length, sequence: 0 };
    } catch (error) {
      if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
      throw new VersionConflict(aggregateId, head.version, await this.readHead(aggregateId));
    }
  }

  async read(aggregateId: string): Promise<ReadAggregate> {
    const found = new QuantitySum();
    const { rows } = await this.pool.query<{ body: EventMessage }>({ ...SELECT_AGGREGATE, values: [aggregateId] });
    for (const { body } of rows) found.add(body);
    return { found, head: { version: rows.length, sequence: 0 } };
  }

  async fold(aggregateId: string): Promise<ReadSummary> {
    return (await this.read(aggregateId)).found;
  }

  async scan(): Promise<ReadSummary> {
    const sum = new QuantitySum();
    for (let position = '0'; ;) {
      const values = [position, PAGE_ROWS];
      const { rows } = await this.pool.query<{ position: string; body: EventMessage }>({ ...SELECT_PAGE, values });
      for (const { body } of rows) sum.add(body);
      if (rows.length < PAGE_ROWS) return sum;
      position = rows.at(-1)!.position;
    }
  }

  async fill(events: readonly PlacedEvent[]): Promise<void> {
    const values = events.flatMap(({ aggregateId, version, event }) => [
      aggregateId,
      version,
      JSON.stringify(envelope(aggregateId, version, event)),
    ]);
    await this.pool.query({ text: insertStatement(events.length).text, values });
  }

  /** Gives the planner its statistics and writes out what the filling left. */
  async settle(): Promise<void> {
    await this.pool.query('VACUUM ANALYZE events');
    await this.pool.query('CHECKPOINT');
  }

  async count(): Promise<number> {
    const { rows } = await this.pool.query<{ count: string }>('SELECT count(*) FROM events');
    return Number(rows[0]!.count);
  }

  details(): Readonly<Record<string, number>> {
    return {};
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private async readHead(aggregateId: string): Promise<Head> {
    const { rows } = await this.pool.query<{ version: number | null }>({ ...SELECT_HEAD, values: [aggregateId] });
    return { version: rows[0]?.version ?? 0, sequence: 0 };
  }
}
