import { ReleaseError } from '../../contract/errors';
import type { ChannelStore } from '../../ports/ledger';
import type { Database, Sql } from './database';

interface EpochRow {
  readonly epoch: number;
}

/** Locks the service's row until the transaction ends: every writer of the service queues here. */
export async function lockService(sql: Sql, svc: string): Promise<number> {
  const select = 'SELECT epoch FROM services WHERE svc = $1 FOR UPDATE';
  const [known] = await sql.query<EpochRow>(select, [svc]);
  if (known) {
    return known.epoch;
  }
  await sql.query('INSERT INTO services (svc) VALUES ($1) ON CONFLICT DO NOTHING', [svc]);
  const [created] = await sql.query<EpochRow>(select, [svc]);
  return created?.epoch ?? 0;
}

/** @throws ReleaseError FENCED when `epoch` is older than the service's; call with the service locked. */
export async function passFence(
  sql: Sql,
  svc: string,
  epoch: number,
  current: number,
): Promise<void> {
  if (epoch < current) {
    throw new ReleaseError(
      'FENCED',
      `Epoch ${epoch} of ${svc} is over: a newer writer holds epoch ${current}`,
      { details: { svc, epoch, current } },
    );
  }
  if (epoch > current) {
    // A writer ahead of the ledger (restored from an older backup): the fence only ever rises.
    await sql.query('UPDATE services SET epoch = $2 WHERE svc = $1', [svc, epoch]);
  }
}

export function createEpochStore(db: Database): Pick<ChannelStore, 'bumpEpoch' | 'currentEpoch'> {
  return {
    bumpEpoch: async (svc, idempotencyKey) =>
      db.transaction(async (sql) => {
        const current = await lockService(sql, svc);
        const [known] = await sql.query<EpochRow>(
          'SELECT epoch FROM epoch_bumps WHERE svc = $1 AND idempotency_key = $2',
          [svc, idempotencyKey],
        );
        if (known) {
          return known.epoch;
        }
        const epoch = current + 1;
        await sql.query('UPDATE services SET epoch = $2 WHERE svc = $1', [svc, epoch]);
        await sql.query(
          'INSERT INTO epoch_bumps (svc, idempotency_key, epoch) VALUES ($1, $2, $3)',
          [svc, idempotencyKey, epoch],
        );
        return epoch;
      }),
    currentEpoch: async (svc) => {
      const [row] = await db.query<EpochRow>('SELECT epoch FROM services WHERE svc = $1', [svc]);
      return row?.epoch ?? 0;
    },
  };
}
