import type {
  AdvisoryCase,
  AdvisoryHit,
  CaseResolution,
} from '../../../src/domain/advisories/case';
import type { AdvisoryCases } from '../../../src/ports/advisory-cases';
import { A, B, C, T0, T1 } from './ledger-builders';

export interface AdvisoryCasesUnderTest {
  readonly cases: AdvisoryCases;
  close(): Promise<void>;
}

export const ADVISORY = 'CVE-2026-1000';
const LATER = '2026-01-05T03:04:05.678Z';

export function caseOf(over: Partial<AdvisoryCase> = {}): AdvisoryCase {
  return {
    ...{ advisory: ADVISORY, severity: 'HIGH', openedAt: T0, dueAt: LATER, closedAt: null },
    ...over,
  };
}

export function hitOf(over: Partial<AdvisoryHit> = {}): AdvisoryHit {
  return {
    advisory: ADVISORY,
    severity: 'HIGH',
    svc: 'shop',
    digest: A,
    channels: ['prod:stable'],
    running: [],
    purl: 'pkg:npm/qs@6.5.2',
    fixedVersion: '6.5.3',
    since: T0,
    ...over,
  };
}

const NOT_AFFECTED: CaseResolution & { readonly kind: 'not-affected' } = {
  kind: 'not-affected',
  justification: 'vulnerable_code_not_in_execute_path',
  reason: 'the parser is never called',
  by: 'erin',
  until: null,
};

/** What every record of cases must do. `open` gives an empty one; it is closed after each test. */
export function describeAdvisoryCases(
  name: string,
  open: () => Promise<AdvisoryCasesUnderTest>,
): void {
  describe(`advisory cases contract: ${name}`, () => {
    let under: AdvisoryCasesUnderTest;
    let cases: AdvisoryCases;

    beforeEach(async () => {
      under = await open();
      ({ cases } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    it('opens one case an advisory, and adds what is hit to it', async () => {
      const first = await cases.open(caseOf(), [hitOf(), hitOf()]);
      await cases.open(caseOf({ openedAt: T1 }), [hitOf({ svc: 'cart', digest: B, since: null })]);
      await cases.open(caseOf(), [hitOf({ channels: [], running: ['prod at http://…'] })]);

      expect(first).toEqual({ ...caseOf(), extension: null, resolution: null, look: null });
      expect(await cases.read(ADVISORY)).toEqual(first);
      expect(await cases.hitsOf(ADVISORY)).toEqual([
        hitOf({ svc: 'cart', digest: B, since: null }),
        hitOf({ channels: [], running: ['prod at http://…'] }),
      ]);
      expect(await cases.read('CVE-2026-9')).toBeNull();
      expect(await cases.hitsOf('CVE-2026-9')).toEqual([]);
    });

    it('takes a package with an endless name', async () => {
      const purl = `pkg:npm/${'q'.repeat(2000)}@1.0.0`;

      await cases.open(caseOf(), [hitOf({ purl }), hitOf({ digest: B })]);

      expect(await cases.hitsOf(ADVISORY)).toHaveLength(2);
    });

    it('gets more severe and is due earlier, never the other way', async () => {
      await cases.open(caseOf(), [hitOf()]);
      const worse = await cases.open(caseOf({ severity: 'CRITICAL', dueAt: T1 }), [hitOf()]);
      const milder = await cases.open(caseOf({ dueAt: LATER }), [hitOf()]);

      expect(worse).toMatchObject({ severity: 'CRITICAL', dueAt: T1, openedAt: T0 });
      expect(milder).toEqual(worse);
    });

    it('lists open ones soonest due first, then closed ones newest first', async () => {
      for (const advisory of ['CVE-2026-1', 'CVE-2026-2']) {
        await cases.open(caseOf({ advisory }), [hitOf({ advisory })]);
        await cases.close(advisory, T1, { kind: 'replaced' });
      }
      await cases.open(caseOf({ advisory: 'CVE-2026-3' }), [hitOf()]);
      await cases.open(caseOf({ advisory: 'CVE-2026-4', dueAt: T1 }), [hitOf()]);

      const idsOf = async (...args: Parameters<AdvisoryCases['list']>): Promise<unknown> =>
        (await cases.list(...args)).map(({ advisory }) => advisory);
      expect(await idsOf('open', 10)).toEqual(['CVE-2026-4', 'CVE-2026-3']);
      expect(await idsOf('closed', 10)).toEqual(['CVE-2026-2', 'CVE-2026-1']);
      expect(await idsOf('all', 3)).toEqual(['CVE-2026-4', 'CVE-2026-3', 'CVE-2026-2']);
    });

    it('is closed once, and a new hit after that opens the next one', async () => {
      await cases.open(caseOf(), [hitOf()]);

      expect(await cases.close(ADVISORY, T1, { kind: 'replaced' })).toBe(true);
      expect(await cases.close(ADVISORY, T1, { kind: 'replaced' })).toBe(false);
      expect(await cases.read(ADVISORY)).toMatchObject({
        closedAt: T1,
        resolution: { kind: 'replaced' },
      });
      const next = await cases.open(caseOf({ openedAt: T1 }), [hitOf({ digest: B })]);
      expect(next).toMatchObject({ openedAt: T1, closedAt: null, resolution: null });
      expect(await cases.hitsOf(ADVISORY)).toEqual([hitOf({ digest: B })]);
    });

    it('knows what a person called not affected, for as long as that holds', async () => {
      await cases.open(caseOf(), [hitOf(), hitOf({ digest: B })]);
      await cases.close(ADVISORY, T0, NOT_AFFECTED);
      await cases.open(caseOf(), [hitOf({ digest: C })]);
      await cases.close(ADVISORY, T0, { ...NOT_AFFECTED, until: T1 });

      expect(await cases.dismissed(ADVISORY, [A, C], T0)).toEqual(expect.arrayContaining([A, C]));
      expect(await cases.dismissed(ADVISORY, [A, C], T1)).toEqual([A]);
      expect(await cases.dismissed('CVE-2026-9', [A], T0)).toEqual([]);
      expect((await cases.read(ADVISORY))?.resolution).toEqual({ ...NOT_AFFECTED, until: T1 });
    });

    it('remembers what was done to a digest, and which another case wants too', async () => {
      await cases.open(caseOf(), [hitOf(), hitOf({ digest: B, svc: 'cart' })]);
      await cases.open(caseOf({ advisory: 'CVE-2026-2' }), [hitOf()]);
      await cases.recordAct(ADVISORY, A, 'denied', T0);
      await cases.recordAct(ADVISORY, A, 'quarantined', T1);
      for (const act of ['denied', 'quarantined'] as const) {
        await cases.recordAct(ADVISORY, A, act, LATER);
      }

      const acts = await cases.acts(ADVISORY);
      expect(acts).toHaveLength(2);
      expect(acts).toContainEqual({ digest: A, acts: ['denied', 'quarantined'], cutAt: T1 });
      expect(acts).toContainEqual({ digest: B, acts: [], cutAt: null });
      expect(await cases.acts('CVE-2026-2')).toEqual([{ digest: A, acts: [], cutAt: null }]);
      expect(await cases.wantedByOthers(ADVISORY, [A, B])).toEqual([A]);
      await cases.close('CVE-2026-2', T1, { kind: 'replaced' });
      expect(await cases.wantedByOthers(ADVISORY, [A, B])).toEqual([A]);
      await cases.open(caseOf({ advisory: 'CVE-2026-3' }), [hitOf({ digest: B })]);
      await cases.close('CVE-2026-3', T1, NOT_AFFECTED);
      expect(await cases.wantedByOthers(ADVISORY, [A, B])).toEqual([A]);
    });

    it('drops what it does not hit any more, with what was done to it', async () => {
      const other = hitOf({ digest: B, svc: 'cart' });
      const closed = hitOf({ advisory: 'CVE-2026-2' });
      await cases.open(caseOf(), [hitOf(), hitOf({ purl: 'another' }), other]);
      await cases.open(caseOf({ advisory: 'CVE-2026-2' }), [closed]);
      await cases.close('CVE-2026-2', T1, { kind: 'replaced' });
      for (const digest of [A, B]) await cases.recordAct(ADVISORY, digest, 'denied', T0);

      await cases.drop(ADVISORY, [A]);
      await cases.drop('CVE-2026-2', [A]);

      expect(await cases.hitsOf(ADVISORY)).toEqual([other]);
      expect(await cases.acts(ADVISORY)).toEqual([{ digest: B, acts: ['denied'], cutAt: null }]);
      expect(await cases.hitsOf('CVE-2026-2')).toEqual([closed]);
      await cases.open(caseOf(), [hitOf()]);
      expect(await cases.acts(ADVISORY)).toContainEqual({ digest: A, acts: [], cutAt: null });
      await cases.drop(ADVISORY, [A, B]);
      expect(await cases.read(ADVISORY)).toMatchObject({ closedAt: null });
      expect(await cases.acts(ADVISORY)).toEqual([]);
      expect(await cases.close(ADVISORY, T1, { kind: 'withdrawn' })).toBe(true);
      expect(await cases.read(ADVISORY)).toMatchObject({ resolution: { kind: 'withdrawn' } });
    });

    it('is extended once', async () => {
      const extension = { dueAt: LATER, reason: 'no fix upstream yet', by: 'erin', at: T1 };
      const other = { ...extension, reason: 'holidays' };

      expect(await cases.extend(ADVISORY, extension)).toBe(false);
      await cases.open(caseOf({ dueAt: T1 }), [hitOf()]);
      expect(await cases.extend(ADVISORY, extension)).toBe(true);
      expect(await cases.extend(ADVISORY, extension)).toBe(true);
      expect(await cases.extend(ADVISORY, other)).toBe(false);
      expect(await cases.read(ADVISORY)).toMatchObject({ dueAt: LATER, extension });
    });

    it('keeps the newest look and every event once', async () => {
      const place = { svc: 'shop', digest: A, where: 'prod:stable', prod: true };
      const look = { at: T1, affected: [place], more: 0, unknown: ['what cart runs'], todo: [] };
      const event = { advisory: ADVISORY, at: T0, kind: 'opened', text: 'x', actor: 'a' } as const;
      await cases.open(caseOf(), [hitOf()]);
      await cases.saveLook(ADVISORY, { ...look, at: T0 });
      await cases.saveLook(ADVISORY, look);
      await cases.record('1', event);
      await cases.record('1', { ...event, text: 'again' });
      await cases.record('2', { ...event, kind: 'note', at: T1 });
      await cases.record('3', { ...event, advisory: 'CVE-2026-2' });

      expect((await cases.read(ADVISORY))?.look).toEqual(look);
      expect(await cases.timeline(ADVISORY)).toEqual([event, { ...event, kind: 'note', at: T1 }]);
    });
  });
}
