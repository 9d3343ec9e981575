import { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { ReleaseError } from '../../contract/errors';
import { countingSink, type CountingSink } from '../../domain/gc/counting-sink';
import type { InventorySource } from '../../ports/inventory-source';
import { BinaryRows } from './binary-rows';
import { connectionConfig, type PostgresOptions } from './database';
import { toReleaseError } from './failures';
import { createRowTold, TOLD_TABLES, type RowTold } from './gc-inventory-rows';

/** More at a time means fewer turns of the event loop for the same rows. */
const CHUNK_BYTES = 1024 * 1024;

interface FactsRow {
  readonly now: Date;
  readonly repositories: string;
  readonly last_event: Date | null;
  readonly last_push: Date | null;
}

const FACTS = `
  SELECT now(), (SELECT count(*) FROM repositories) AS repositories,
    (SELECT max(at) FROM registry_events) AS last_event,
    (SELECT max(begun_at) FROM pushes) AS last_push`;

async function tellTable(
  client: Client,
  told: RowTold,
  table: keyof typeof TOLD_TABLES,
  signal: AbortSignal,
): Promise<void> {
  const { columns, from } = TOLD_TABLES[table];
  const rows = new BinaryRows(columns.length);
  const tell = told[table];
  const stream = client.query(
    copyTo(`COPY (SELECT ${columns.join(', ')} FROM ${from}) TO STDOUT (FORMAT binary)`, {
      highWaterMark: CHUNK_BYTES,
    }),
  );
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    signal.throwIfAborted();
    rows.feed(chunk, tell);
  }
  rows.end();
}

async function tellAll(
  client: Client,
  sink: CountingSink,
  signal: AbortSignal,
): Promise<FactsRow & { readonly newestMs: number | null }> {
  // One moment for all tables, whatever is pushed meanwhile.
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const { rows } = await client.query<FactsRow>(FACTS);
  const [facts] = rows;
  if (!facts) throw new ReleaseError('INTERNAL', 'the ledger told nothing of its inventory');
  const told = createRowTold(sink);
  for (const table of ['manifests', 'edges', 'tags', 'blobs'] as const) {
    await tellTable(client, told, table, signal);
  }
  await client.query('COMMIT');
  return { ...facts, newestMs: told.newestMs() };
}

function newest(...times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** The record that the gateway keeps: a million manifests in seconds, on a connection of its own. */
export function createPostgresInventorySource(options: PostgresOptions): InventorySource {
  return {
    read: async (sink, signal) => {
      signal.throwIfAborted();
      const client = new Client(connectionConfig(options));
      client.on('error', (error) => options.onConnectionLost?.(error));
      // The way to stop a COPY that nobody reads any more.
      const abandon = (): void => void client.end().catch(() => undefined);
      signal.addEventListener('abort', abandon, { once: true });
      try {
        await client.connect();
        const counting = countingSink(sink);
        const read = await tellAll(client, counting, signal);
        return {
          counts: { ...counting.counts(), repositories: Number(read.repositories) },
          readAtMs: read.now.getTime(),
          lastRecordedAtMs: newest(
            ...[read.last_event, read.last_push].map((at) => at?.getTime() ?? null),
            read.newestMs,
          ),
          lastReconciledAtMs: null,
        };
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof ReleaseError ? error : toReleaseError(error);
      } finally {
        signal.removeEventListener('abort', abandon);
        await client.end().catch(() => undefined);
      }
    },
  };
}
