import { createStanding, type Standing } from '../../../../src/admission/state/standing';
import { ReleaseError } from '../../../../src/contract/errors';
import { blockOf } from '../../../support/admission-world';
import { fakeDigest } from '../../../support/api-fixtures';

describe('standing', () => {
  let clockMs: number;
  let isDown: boolean;
  let reads: number;
  let notify: () => void;
  let revision: number;
  let standing: Standing;
  const warnings: string[] = [];

  beforeEach(() => {
    clockMs = 0;
    isDown = false;
    reads = 0;
    revision = 1;
    warnings.length = 0;
    standing = createStanding({
      source: {
        read: () => {
          reads += 1;
          return isDown
            ? Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'connection refused'))
            : Promise.resolve({
                blocks: [blockOf(fakeDigest('bad'))],
                denied: new Map(),
                allowRevision: revision,
                evidenceRevision: 1,
                revokedKeys: [],
              });
        },
        watch: (onChange) => {
          notify = onChange;
        },
      },
      log: { info: () => undefined, warn: (...args: unknown[]) => warnings.push(String(args[1])) },
      pollMs: 3_600_000,
      clock: () => clockMs,
    });
  });

  afterEach(async () => {
    await standing.close();
  });

  it('reads at once, and again only when a second has passed', async () => {
    const { blocks } = await standing.fresh();
    clockMs = 1_000;
    await standing.fresh();

    expect([...blocks.keys()]).toEqual([fakeDigest('bad')]);
    expect(reads).toBe(1);

    clockMs = 1_001;
    await standing.fresh();
    expect(reads).toBe(2);
  });

  it('is there without asking for a second, and then no more', async () => {
    await standing.fresh();
    clockMs = 1_000;
    const within = standing.current();
    clockMs = 1_001;

    expect(within?.allowRevision).toBe(1);
    expect(standing.current()).toBeNull();
    expect(reads).toBe(1);
  });

  it('hears of a change', async () => {
    await standing.fresh();
    revision = 2;
    notify();
    await new Promise(setImmediate);

    expect((await standing.fresh()).allowRevision).toBe(2);
  });

  it('does not count as fresh when Postgres was silent for more than a second', async () => {
    await standing.fresh();
    isDown = true;
    clockMs = 1_001;

    await expect(standing.fresh()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(standing.last()?.blocks.size).toBe(1);
    expect(standing.ageMs()).toBe(1_001);
  });

  it('warns once, however often it fails', async () => {
    await standing.fresh();
    isDown = true;
    notify();
    await new Promise(setImmediate);
    notify();
    await new Promise(setImmediate);

    expect(warnings).toEqual(['Postgres does not answer: nothing is admitted']);
  });
});

it('knows nothing before the first read', async () => {
  const standing = createStanding({
    source: {
      read: () => Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'connection refused')),
      watch: () => undefined,
    },
    log: { info: () => undefined, warn: () => undefined },
  });

  await expect(standing.fresh()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  expect(standing.last()).toBeNull();
  await standing.close();
});
