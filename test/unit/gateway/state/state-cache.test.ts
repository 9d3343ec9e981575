import { setTimeout as sleep } from 'node:timers/promises';
import { ReleaseError } from '../../../../src/contract/errors';
import { Refused } from '../../../../src/gateway/http/refused';
import { createStateCache, type StateCache } from '../../../../src/gateway/state/state-cache';
import type { GatewaySnapshot, GatewayState } from '../../../../src/ports/gateway-state';

const OPEN: GatewaySnapshot['mode'] = {
  pushes: 'open',
  reason: '',
  by: 'test',
  since: '2026-11-24T00:00:00Z',
  until: null,
};

function snapshot(reason = ''): GatewaySnapshot {
  return { robots: [], blocks: [], lapses: [], mode: { ...OPEN, reason } };
}

const DIGEST = `sha256:${'a'.repeat(64)}` as const;
const LAPSE: GatewaySnapshot['lapses'][number] = {
  ...{ digest: DIGEST, cause: DIGEST, svc: 'shop', vulnerabilityId: 'CVE-2026-0001' },
  ...{ packageName: 'qs', exceptionId: 'exc-1', endsAt: '2026-12-01T00:00:00.000Z' },
  running: false,
};

interface ScriptedState extends GatewayState {
  readonly reads: {
    readonly resolve: (value: GatewaySnapshot) => void;
    readonly reject: (error: Error) => void;
  }[];
  notify(): void;
  isWatched(): boolean;
}

/** Reads end when the test says so. */
function scriptedState(): ScriptedState {
  const reads: ScriptedState['reads'] = [];
  let onChange: (() => void) | null = null;
  return {
    reads,
    read: () =>
      new Promise((resolve, reject) => {
        reads.push({ resolve, reject });
      }),
    readBlocks: () => Promise.resolve([]),
    setMode: () => Promise.resolve(),
    replaceMode: () => Promise.resolve(true),
    watch: (listener, signal) => {
      onChange = listener;
      signal.addEventListener('abort', () => {
        onChange = null;
      });
    },
    notify: () => onChange?.(),
    isWatched: () => onChange !== null,
  };
}

const silent = { info: () => undefined, warn: () => undefined };

describe('state cache', () => {
  let now = 0;
  let state: ScriptedState;
  let cache: StateCache;

  let today = new Date('2026-11-30T12:00:00Z');

  function start(
    pulls: 'serve' | 'refuse' = 'serve',
    endedPulls: 'refuse' | 'allow' = 'refuse',
  ): void {
    now = 0;
    today = new Date('2026-11-30T12:00:00Z');
    state = scriptedState();
    cache = createStateCache({
      state,
      policy: {
        quarantine: { spreadToParents: true, spreadToChildren: true, runningGraceMs: 0 },
        withoutDatabase: { pulls, maxAgeMs: 300_000 },
      },
      log: silent,
      pollMs: 3_600_000,
      clock: () => now,
      endedPulls,
      now: () => today,
    });
  }

  afterEach(async () => {
    state.reads.forEach(({ resolve }) => {
      resolve(snapshot());
    });
    await cache.close();
  });

  async function settle(read: number, outcome: GatewaySnapshot | Error): Promise<void> {
    if (outcome instanceof Error) state.reads[read]?.reject(outcome);
    else state.reads[read]?.resolve(outcome);
    await sleep(0);
  }

  it('withholds what passed by an exception from its end on, without a word from Postgres', async () => {
    start();
    await settle(0, { ...snapshot(), lapses: [LAPSE] });
    const isWithheldAt = (time: string): boolean => {
      today = new Date(time);
      return cache.current().withheld.has(LAPSE.digest);
    };

    expect(isWithheldAt('2026-11-30T23:59:59.999Z')).toBe(false);
    expect(isWithheldAt('2026-12-01T00:00:00.000Z')).toBe(true);
    expect(isWithheldAt('2026-12-01T00:00:01.000Z')).toBe(true);
    expect(cache.current().blocks.size).toBe(0);
  });

  it('withholds nothing of that kind where the policy lets such pulls be', async () => {
    start('serve', 'allow');
    today = new Date('2026-12-01T00:00:01.000Z');
    await settle(0, { ...snapshot(), lapses: [LAPSE] });

    expect(cache.current().withheld.size).toBe(0);
  });

  it('refuses before anything was read', () => {
    start();

    expect(() => cache.current()).toThrow(Refused);
    expect(cache.ageMs()).toBe(Infinity);
  });

  it('gives what was read, with its age from when the read began', async () => {
    start();
    now = 40;

    await settle(0, snapshot('first'));

    expect(cache.current().mode.reason).toBe('first');
    expect(cache.ageMs()).toBe(40);
  });

  it('reads again when told of a change', async () => {
    start();
    await settle(0, snapshot('first'));

    state.notify();
    await settle(1, snapshot('second'));

    expect(cache.current().mode.reason).toBe('second');
  });

  it('makes one more read for all that ask while one runs, begun after they asked', async () => {
    start();
    const asked = [cache.refresh(), cache.refresh(), cache.refresh()];
    expect(state.reads).toHaveLength(1);

    await settle(0, snapshot('before the change'));
    expect(state.reads).toHaveLength(2);
    await settle(1, snapshot('after the change'));
    await Promise.all(asked);

    expect(state.reads).toHaveLength(2);
    expect(cache.current().mode.reason).toBe('after the change');
  });

  it('keeps what it knows when a read fails, and tells who asked for it', async () => {
    start();
    await settle(0, snapshot('known'));

    const asked = cache.refresh();
    const failed = expect(asked).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await settle(1, new ReleaseError('LEDGER_UNAVAILABLE', 'gone'));
    await failed;

    expect(cache.current().mode.reason).toBe('known');
  });

  it('reads on after a failure', async () => {
    start();
    await settle(0, new ReleaseError('LEDGER_UNAVAILABLE', 'gone'));

    const asked = cache.refresh();
    await settle(1, snapshot('back'));
    await asked;

    expect(cache.current().mode.reason).toBe('back');
  });

  it('serves what is known up to the age that the policy allows', async () => {
    start();
    await settle(0, snapshot());

    now = 300_000;
    expect(() => cache.current()).not.toThrow();
    now = 300_001;

    expect(() => cache.current()).toThrow(expect.objectContaining({ status: 503 }) as Error);
  });

  it('refuses soon when the policy wants no pulls without Postgres', async () => {
    start('refuse');
    await settle(0, snapshot());

    now = 15_001;

    expect(() => cache.current()).toThrow(Refused);
  });

  it('stops watching when it is closed', async () => {
    start();
    await settle(0, snapshot());

    await cache.close();

    expect(state.isWatched()).toBe(false);
  });
});
