import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import type { Digest } from '../../src/domain/digest';
import { CLAIM_ABANDONED_AFTER_MS, type Inventory } from '../../src/ports/inventory';
import { child, layer, pushOf, REPOSITORY } from '../support/contracts/inventory-builders';
import { digestOf, T1 } from '../support/contracts/ledger-builders';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores, type OpenStores } from '../support/registry-stores';

jest.setTimeout(120_000);

const TAGS = ['1.0.0_abc1234', '1.0.1_abc1234', '1.0.2_abc1234'];
const DIGESTS = ['one', 'two', 'three', 'four'].map(digestOf);
const LAYERS = Array.from({ length: 6 }, (_, index) => layer(`shared ${index}`));
const ENDS = ['taken', 'taken', 'refused', 'refused', 'lost, taken', 'lost, refused'] as const;

/** Pseudo-random numbers (mulberry32): the same mix each run, though not the same order of ends. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const pause = async (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

describe('write-once tags under any mix of pushes and ends', () => {
  let server: PostgresServer;
  let stores: OpenStores;

  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(async () => {
    await server.stop();
  });

  beforeEach(async () => {
    stores = await openStores(await server.freshDatabase());
  });

  afterEach(async () => {
    await stores.close();
  });

  it.each([1, 2, 3])('are never overwritten in the registry: seed %i', async (seed) => {
    const below = random(seed);
    const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
    const { connectionString } = stores;
    const other = createPostgresRegistryStores({ connectionString });
    const ledger = createPostgresLedger({ connectionString, max: 4 });
    const registry = new Map<string, Digest>();
    const overwritten: string[] = [];

    function put(tag: string, digest: Digest): void {
      const held = registry.get(tag) ?? digest;
      if (held !== digest) overwritten.push(`${tag}: ${held} by ${digest}`);
      registry.set(tag, digest);
    }

    /** A push as a gateway makes it, with the end that the registry gives it. */
    async function push(inventory: Inventory, tag: string, digest: Digest): Promise<void> {
      const end = pick(ENDS);
      const rest = below(LAYERS.length);
      const edges = [...LAYERS.slice(rest), child(pick(DIGESTS)), ...LAYERS.slice(0, rest)];
      const one = pushOf({ tag, digest, edges, actor: `seed ${seed}` });
      const claim = await inventory.beginPush(one);
      if (claim.kind === 'taken') {
        if (!claim.abandoned || registry.has(tag)) return;
        if ((await inventory.beginPush(one, true)).kind === 'taken') return;
      }
      await pause(below(5));
      if (end.endsWith('taken')) put(tag, digest);
      await pause(below(5));
      if (end === 'taken') await inventory.completePush(one);
      if (end === 'refused') await inventory.abandonPush(one);
    }

    async function step(): Promise<void> {
      const { inventory } = pick([stores, other]);
      const tag = pick(TAGS);
      const digest = pick(DIGESTS);
      switch (below(12)) {
        case 0: {
          const image = { repository: REPOSITORY, digest };
          // A release claims, then pushes what it claimed.
          if (await ledger.claimTag(image, tag, 'run', T1)) await push(inventory, tag, digest);
          return;
        }
        case 1:
          return inventory.recordManifestDelete(REPOSITORY, digest, 'system', T1);
        case 2:
          return inventory.recordTagDelete(REPOSITORY, tag, 'system', T1);
        case 3:
          return inventory.recordActivity(
            TAGS.map((read) => ({ repository: REPOSITORY, tag: read, digest, at: T1 })),
          );
        default:
          return push(inventory, tag, digest);
      }
    }

    for (let round = 0; round < 8; round += 1) {
      await Promise.all(Array.from({ length: 40 }, step));
      await stores.client.query(
        `UPDATE tags SET pending_since = pending_since - $1 * interval '1 millisecond'`,
        [CLAIM_ABANDONED_AFTER_MS + 1000],
      );
    }

    expect(overwritten).toEqual([]);
    expect(registry.size).toBe(TAGS.length);
    const drift = await stores.inventory.listEvents({ kind: 'drift', limit: 10 });
    expect(drift).toEqual([]);
    await ledger.close();
    await other.close();
  });
});
