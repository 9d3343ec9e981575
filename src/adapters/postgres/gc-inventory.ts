import { Client } from 'pg';
import { ReleaseError } from '../../contract/errors';
import type { InventorySink } from '../../domain/gc/inventory';
import type {
  InventoryCounts,
  InventoryFacts,
  InventorySource,
} from '../../ports/inventory-source';
import { Times } from './binary-fields';
import { BinaryRows } from './binary-rows';
import { copyOut } from './copy-out';
import { connectionConfig, type PostgresOptions } from './database';
import { toReleaseError } from './failures';
import { tellersFor } from './gc-inventory-numbers';
import { TOLD_COLUMNS, type ToldTable } from './gc-inventory-rows';

interface FactsRow {
  readonly now: Date;
  readonly repositories: string;
  readonly recorded_at: Date | null;
  readonly walked_at: Date | null;
  readonly reclaimed_at: Date | null;
}

/** What tells of itself in no row of an inventory: deletes, refused pushes, and that there was nothing to tell. */
const FACTS = `
  SELECT now(), (SELECT count(*) FROM repositories) AS repositories,
    (SELECT walked_at FROM registry_walks) AS walked_at,
    (SELECT max(closed_at) FROM gc_reclaims WHERE state = 'done') AS reclaimed_at,
    greatest(
      (SELECT at FROM tag_moves ORDER BY id DESC LIMIT 1),
      (SELECT at FROM registry_events ORDER BY id DESC LIMIT 1),
      (SELECT heard_at FROM gateway_reports)
    ) AS recorded_at`;

/**
 * The record of a blob outlives the blob: of what was there before the last reclaim, only what a manifest names is left, and that
 * its edges tell. Else a plan would promise for ever what is long gone.
 */
function copyOf(table: ToldTable, reclaimedAt: Date | null): string {
  const columns = TOLD_COLUMNS[table].join(', ');
  const rows =
    table === 'repository_blobs' && reclaimedAt !== null
      ? `(SELECT ${columns} FROM ${table} WHERE recorded_at >= '${reclaimedAt.toISOString()}')`
      : `${table} (${columns})`;
  return `COPY ${rows} TO STDOUT (FORMAT binary)`;
}

/** Returns how many rows there were. */
async function tellTable(
  client: Client,
  tell: (row: BinaryRows) => void,
  { table, reclaimedAt }: { readonly table: ToldTable; readonly reclaimedAt: Date | null },
  signal: AbortSignal,
): Promise<number> {
  const rows = new BinaryRows(TOLD_COLUMNS[table].length);
  signal.throwIfAborted();
  await copyOut(client, copyOf(table, reclaimedAt), rows, () => {
    tell(rows);
  });
  return rows.count;
}

async function tellAll(
  client: Client,
  sink: InventorySink,
  signal: AbortSignal,
): Promise<InventoryFacts> {
  // One moment for all tables, whatever is pushed meanwhile.
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const { rows } = await client.query<FactsRow>(FACTS);
  const [facts] = rows;
  if (!facts) throw new ReleaseError('INTERNAL', 'The ledger told nothing of its inventory');
  const times = new Times();
  const tellers = tellersFor(sink, times);
  const tell = (table: ToldTable): Promise<number> =>
    tellTable(client, tellers[table], { table, reclaimedAt: facts.reclaimed_at }, signal);
  const counts: InventoryCounts = {
    repositories: Number(facts.repositories),
    manifests: await tell('manifests'),
    edges: await tell('manifest_edges'),
    tags: await tell('repository_tags'),
    blobs: await tell('repository_blobs'),
    unknown: 0,
  };
  await client.query('COMMIT');
  return {
    counts,
    readAtMs: facts.now.getTime(),
    lastRecordedAtMs: newest(times.newestMs, facts.recorded_at),
    lastReconciledAtMs: facts.walked_at?.getTime() ?? null,
  };
}

function newest(rowsMs: number, event: Date | null): number | null {
  const ms = Math.max(rowsMs, event?.getTime() ?? Number.NEGATIVE_INFINITY);
  return Number.isFinite(ms) ? ms : null;
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
        return await tellAll(client, sink, signal);
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
