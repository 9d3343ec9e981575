import { Client } from 'pg';

/** A look at an observation, in ms since the epoch. */
interface Look {
  readonly release: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Judged and written to the ledger. */
  readonly doneMs: number;
}

const LOOKS = `
  SELECT release_id, evidence->>'from' AS "from", evidence->>'to' AS "to", at
  FROM verdicts
  WHERE gate = 'observation' AND evidence->>'from' IS NOT NULL
  ORDER BY id`;

interface Row {
  readonly release_id: string;
  readonly from: string;
  readonly to: string;
  readonly at: Date;
}

async function readLooks(database: string): Promise<readonly Look[]> {
  const client = new Client({ connectionString: database });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(LOOKS);
    return rows.map(({ release_id: release, from, to, at }) => ({
      release,
      fromMs: Date.parse(from),
      toMs: Date.parse(to),
      doneMs: at.getTime(),
    }));
  } finally {
    await client.end();
  }
}

/**
 * How long after its checkpoint each look at a window was judged and in the ledger, in ms: the lateness of the server, of the worker, and
 * the time of the look itself. A checkpoint that was left out counts from when it was due.
 */
export async function latenessOfLooks(
  database: string,
  { windowMs, checkpointMs }: { readonly windowMs: number; readonly checkpointMs: number },
): Promise<readonly number[]> {
  const windows = new Map<string, Look>();
  const late: number[] = [];
  for (const look of await readLooks(database)) {
    const last = windows.get(look.release);
    // A later window of the same release looks again before the pin.
    if (last && last.fromMs !== look.fromMs) continue;
    const passedMs = (last?.toMs ?? look.fromMs) - look.fromMs;
    const dueMs = Math.min((Math.floor(passedMs / checkpointMs) + 1) * checkpointMs, windowMs);
    late.push(look.doneMs - look.fromMs - dueMs);
    windows.set(look.release, look);
  }
  return late;
}
