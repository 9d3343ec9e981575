import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Store, StoreRecord } from './gc-store';

const ACTOR = 'bench';
const NOTHING = String.raw`\N`;
const FLUSH = 256 * 1024;

const TABLES = {
  repositories: 'name, first_push_by, first_push_at',
  manifests:
    'repository, digest, media_type, artifact_type, size, subject, pending, pushed_by, pushed_at, last_pulled_at',
  manifest_edges: 'repository, parent, position, kind, child, size, media_type',
  repository_blobs: 'repository, digest, size, recorded_by, recorded_at',
  repository_tags: 'repository, tag, digest, write_once, pushed_by, pushed_at, last_pulled_at',
} as const;
type Table = keyof typeof TABLES;

interface Lines {
  add(line: string): Promise<void> | void;
  end(): Promise<void>;
}

async function copyInto(connectionString: string, table: Table): Promise<Lines> {
  const client = new Client({ connectionString });
  await client.connect();
  // Foreign keys hold by construction, and nobody listens: no trigger needs to look at each row.
  await client.query('SET session_replication_role = replica; SET synchronous_commit = off');
  const stream: Writable = client.query(copyFrom(`COPY ${table} (${TABLES[table]}) FROM STDIN`));
  let text = '';
  const flush = (): Promise<void> | void => {
    const full = !stream.write(text);
    text = '';
    if (full) return once(stream, 'drain').then(() => undefined);
  };
  return {
    add: (line) => {
      text += line;
      if (text.length >= FLUSH) return flush();
    },
    end: async () => {
      await flush();
      stream.end();
      await once(stream, 'finish');
      await client.end();
    },
  };
}

const timeOf = (ms: number | null): string => (ms === null ? NOTHING : new Date(ms).toISOString());

function linesOf(record: StoreRecord): readonly (readonly [Table, string])[] {
  const { repository } = record;
  if (record.kind === 'blob') {
    const { digest, size } = record.blob.edge;
    return [
      ['repository_blobs', `${repository}\t${digest}\t${size}\t${ACTOR}\t2026-01-01T00:00:00Z\n`],
    ];
  }
  const { manifest } = record;
  const pushed = timeOf(record.pushedAtMs);
  const pulled = timeOf(record.lastPulledAtMs);
  if (record.kind === 'tag') {
    const row = [repository, record.tag, manifest.digest, 't', ACTOR, pushed, pulled];
    return [['repository_tags', `${row.join('\t')}\n`]];
  }
  const row = [
    ...[repository, manifest.digest, manifest.mediaType, manifest.artifactType ?? NOTHING],
    ...[manifest.bytes.length, manifest.subject ?? NOTHING, 'f', ACTOR, pushed, pulled],
  ];
  const edges = manifest.edges.map(
    ({ kind, digest, size, mediaType }, position) =>
      `${repository}\t${manifest.digest}\t${position}\t${kind}\t${digest}\t${size}\t${mediaType}\n`,
  );
  return [
    ['manifests', `${row.join('\t')}\n`],
    ['manifest_edges', edges.join('')],
  ];
}

/** Fills an empty inventory as the gateway would have, by COPY. The role must be a superuser: triggers are off. */
export async function writeRows(connectionString: string, { records }: Store): Promise<void> {
  const tables = new Map<Table, Lines>();
  for (const table of Object.keys(TABLES) as Table[]) {
    tables.set(table, await copyInto(connectionString, table));
  }
  let current = '';
  for (const record of records) {
    if (record.repository !== current) {
      current = record.repository;
      await tables.get('repositories')?.add(`${current}\t${ACTOR}\t2026-01-01T00:00:00Z\n`);
    }
    for (const [table, lines] of linesOf(record)) {
      const waiting = tables.get(table)?.add(lines);
      if (waiting) await waiting;
    }
  }
  for (const lines of tables.values()) await lines.end();
  const client = new Client({ connectionString });
  await client.connect();
  await client.query('VACUUM (ANALYZE)');
  await client.end();
}
