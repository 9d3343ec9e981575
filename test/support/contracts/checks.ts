import type { ServiceCheck } from '../../../src/domain/continuous-check/service-check';
import type { Checks, NewAutomaticRollback } from '../../../src/ports/checks';
import { BEFORE, CHECK_NOW, findingOf, hoursAgo, OTHER, STABLE } from '../check-findings';

export interface ChecksUnderTest {
  readonly checks: Checks;
  close(): Promise<void>;
}

export function checkOf(over: Partial<ServiceCheck> = {}): ServiceCheck {
  return {
    svc: 'shop',
    runId: 'run-1',
    at: hoursAgo(3),
    outcome: 'failing',
    digests: 2,
    findings: [findingOf()],
    note: 'It has no signature.',
    ...over,
  };
}

export function rollbackOf(over: Partial<NewAutomaticRollback> = {}): NewAutomaticRollback {
  return {
    id: 'check/shop/1',
    svc: 'shop',
    from: STABLE,
    to: BEFORE,
    reason: 'It has no signature.',
    at: CHECK_NOW,
    ...over,
  };
}

/** Once in a day, as the policy's default says. */
export const GUARD = { max: 1, since: hoursAgo(24) };

/** What every store of checks must do. `open` gives an empty one; it is closed after each test. */
export function describeChecks(name: string, open: () => Promise<ChecksUnderTest>): void {
  describe(`checks contract: ${name}`, () => {
    let under: ChecksUnderTest;
    let checks: Checks;

    beforeEach(async () => {
      under = await open();
      ({ checks } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    describe('checks of services', () => {
      it('are kept as they were recorded', async () => {
        const first = await checks.record(checkOf());

        expect(first).toEqual({ ...checkOf(), since: hoursAgo(3), runs: 1 });
        expect(await checks.history('shop', 10)).toEqual([first]);
        expect(await checks.history('cart', 10)).toEqual([]);
      });

      it('are one row as long as they say the same, by the newest words', async () => {
        await checks.record(checkOf());
        const again = { runId: 'run-2', at: hoursAgo(2), note: 'still', digests: 3 };

        const second = await checks.record(checkOf(again));

        expect(second).toEqual({ ...checkOf(again), since: hoursAgo(3), runs: 2 });
        expect(await checks.history('shop', 10)).toEqual([second]);
      });

      it('count a run once, however often it is recorded', async () => {
        const [first] = await Promise.all([checks.record(checkOf()), checks.record(checkOf())]);

        expect(first.runs).toBe(1);
        expect(await checks.record(checkOf({ outcome: 'ok' }))).toEqual(first);
      });

      it('begin a new row when they say something else, also when it was said before', async () => {
        const ok = { outcome: 'ok', findings: [], note: '' } as const;
        await checks.record(checkOf());
        await checks.record(checkOf({ ...ok, runId: 'run-2', at: hoursAgo(2) }));

        await checks.record(checkOf({ runId: 'run-3', at: hoursAgo(1) }));

        const rows = await checks.history('shop', 10);
        expect(rows.map(({ outcome, runs }) => [outcome, runs])).toEqual([
          ['failing', 1],
          ['ok', 1],
          ['failing', 1],
        ]);
        expect(await checks.history('shop', 2)).toEqual(rows.slice(0, 2));
      });

      it('are listed by service, the newest of each, page by page', async () => {
        for (const svc of ['shop', 'cart', 'mail']) await checks.record(checkOf({ svc }));
        await checks.record(checkOf({ svc: 'cart', outcome: 'unchecked', runId: 'run-2' }));

        const page = await checks.newest({ limit: 2 });
        const rest = await checks.newest({ after: 'mail', limit: 2 });

        expect(page.map(({ svc, outcome }) => `${svc} ${outcome}`)).toEqual([
          'cart unchecked',
          'mail failing',
        ]);
        expect(rest.map(({ svc }) => svc)).toEqual(['shop']);
      });
    });

    describe('rollbacks of the check', () => {
      it('are begun and ended; the first end stays', async () => {
        expect(await checks.beginRollback(rollbackOf(), GUARD)).toBe(true);
        expect(await checks.rollbacks('shop', 10)).toEqual([
          { ...rollbackOf(), end: null, note: '' },
        ]);

        await checks.endRollback('check/shop/1', 'failed', 'not ready');
        await checks.endRollback('check/shop/1', 'done', '');

        expect(await checks.rollbacks('shop', 10)).toMatchObject([
          { end: 'failed', note: 'not ready' },
        ]);
      });

      it('are let in no more often than the guard says, whatever their end', async () => {
        await checks.beginRollback(rollbackOf({ at: hoursAgo(23) }), GUARD);
        await checks.endRollback('check/shop/1', 'failed', 'x');

        const second = await checks.beginRollback(rollbackOf({ id: 'two', from: OTHER }), GUARD);
        const cart = await checks.beginRollback(rollbackOf({ id: 'cart', svc: 'cart' }), GUARD);

        expect([second, cart]).toEqual([false, true]);
        expect(await checks.rollbacks('shop', 10)).toHaveLength(1);
      });

      it('are let in again for the same request, as after a lost answer', async () => {
        await checks.beginRollback(rollbackOf(), GUARD);

        expect(await checks.beginRollback(rollbackOf(), GUARD)).toBe(true);
        expect(await checks.rollbacks('shop', 10)).toHaveLength(1);
      });

      it.each<[string, string, 'not-begun' | 'done']>([
        ['was refused before anything moved', hoursAgo(1), 'not-begun'],
        ['is older than the guard looks', hoursAgo(25), 'done'],
      ])('do not count one that %s', async (_what, at, end) => {
        await checks.beginRollback(rollbackOf({ at }), { max: 1, since: hoursAgo(48) });
        await checks.endRollback('check/shop/1', end, '');

        expect(await checks.beginRollback(rollbackOf({ id: 'two' }), GUARD)).toBe(true);
        expect((await checks.rollbacks('shop', 10)).map(({ id }) => id)).toEqual([
          'two',
          'check/shop/1',
        ]);
      });

      it('are never two when many begin at once', async () => {
        const begun = await Promise.all(
          Array.from({ length: 8 }, async (_, one) =>
            checks.beginRollback(rollbackOf({ id: `at once ${one}` }), GUARD),
          ),
        );

        expect(begun.filter(Boolean)).toHaveLength(1);
      });
    });
  });
}
