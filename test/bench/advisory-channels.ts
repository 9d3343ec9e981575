import type { Client } from 'pg';
import { toJsonb } from '../../src/adapters/postgres/database';
import { fleetImages, type FleetShape } from './advisory-fleet';

/** How many releases ago each was moved on. */
const BEHIND = [
  ['prod:stable', 2],
  ['prod:candidate', 1],
  ['stg:stable', 1],
  ['dev:candidate', 0],
] as const;

/** Every release in the ledger, the newest ones in the channels, as releases would have left it. */
export async function writeChannels(client: Client, shape: FleetShape): Promise<void> {
  const images = [...fleetImages(shape)].map(({ svc, release, digest }) => ({
    ...{ svc, release, digest },
  }));
  const channels = BEHIND.flatMap(([channel, behind]) =>
    images
      .filter(({ release }) => release === shape.releases - 1 - behind)
      .map((one) => ({ ...one, channel })),
  );
  await client.query(
    `INSERT INTO release_runs (release_id, run_id, sequence, svc, digest, outcome, requested_at, status)
     SELECT svc || '/1.0.' || release, 'run ' || digest, 1, svc, digest::digest, 'released', now(), '{}'
     FROM jsonb_to_recordset($1::jsonb) AS one (svc text, release integer, digest text)`,
    [toJsonb(images)],
  );
  await client.query(
    `INSERT INTO services (svc) SELECT DISTINCT svc
     FROM jsonb_to_recordset($1::jsonb) AS one (svc text)`,
    [toJsonb(images)],
  );
  await client.query(
    `INSERT INTO channels (svc, channel, digest, epoch, changed_at, changed_by)
     SELECT svc, channel, digest::digest, 1, now(), 'bench'
     FROM jsonb_to_recordset($1::jsonb) AS one (svc text, channel text, digest text)`,
    [toJsonb(channels)],
  );
  await client.query('ANALYZE');
}
