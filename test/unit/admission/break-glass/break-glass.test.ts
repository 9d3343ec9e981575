import {
  createBreakGlass,
  type BreakGlassAsk,
} from '../../../../src/admission/break-glass/break-glass';
import { createHourlyLimit } from '../../../../src/admission/break-glass/hourly-limit';
import type { AdmissionFault } from '../../../../src/domain/admission/fault';
import type { AuditEntry } from '../../../../src/ports/ledger';

const HOUR_MS = 3_600_000;
const DOWN: AdmissionFault = { rule: 'not-known', message: 'registry down', unknown: 'registry' };

const ASK: BreakGlassAsk = {
  uid: 'uid-1',
  namespace: 'shop-prod',
  what: 'Pod shop',
  reason: 'incident 4711: the registry is down',
  user: 'rita',
  groups: ['developers', 'sre'],
  images: ['registry.test/apps/checkout/checkout@sha256:1'],
  faults: [DOWN],
  dryRun: false,
};

describe('break-glass', () => {
  let clockMs: number;
  let audited: { readonly entry: AuditEntry; readonly key: string }[];
  let isAuditDown: boolean;
  let isStandingRead: boolean;
  let off: string | null;
  let glass: ReturnType<typeof createBreakGlass>;

  beforeEach(() => {
    clockMs = 0;
    audited = [];
    isAuditDown = false;
    isStandingRead = true;
    off = null;
    glass = createBreakGlass({
      settings: { groups: ['sre'], users: ['olga'], perHour: 2, covers: ['registry', 'ledger'] },
      limit: createHourlyLimit(2, () => clockMs),
      audit: {
        get off() {
          return off;
        },
        record: (entry, key) => {
          if (isAuditDown) return Promise.reject(new Error('disk full'));
          audited.push({ entry, key });
          return Promise.resolve();
        },
      },
      standing: {
        last: () =>
          isStandingRead
            ? {
                ...{ blocks: new Map(), denied: new Map(), revokedKeys: [] },
                ...{ allowRevision: 1, evidenceRevision: 1 },
              }
            : null,
      },
      now: () => new Date('2026-03-01T12:00:00Z'),
    });
  });

  it('lets in, with a warning, and writes down who, what and why', async () => {
    const answer = await glass.ask(ASK);

    expect(answer).toEqual({
      granted: true,
      warning: 'admitted unchecked by break-glass: incident 4711: the registry is down',
    });
    expect(audited).toEqual([
      {
        key: 'admission/break-glass/uid-1',
        entry: {
          at: '2026-03-01T12:00:00.000Z',
          actor: 'rita',
          action: 'admission.break-glass',
          svc: 'admission',
          subject: 'shop-prod/Pod shop',
          details: {
            reason: 'incident 4711: the registry is down',
            groups: ['sre'],
            images: ['registry.test/apps/checkout/checkout@sha256:1'],
            faults: ['registry down'],
          },
        },
      },
    ]);
  });

  it.each<[string, Partial<BreakGlassAsk>, RegExp]>([
    ['somebody of no such group', { groups: ['developers'] }, /rita may not/],
    ['nobody', { user: '', groups: [] }, /an unnamed user may not/],
    ['a reason that is none', { reason: ' outage   ' }, /needs a reason/],
    ['a reason without end', { reason: 'x'.repeat(501) }, /needs a reason/],
    [
      'a bad signature',
      { faults: [DOWN, { rule: 'signature', message: 'bad' }] },
      /does not cover \[signature\]/,
    ],
    [
      'a quarantine',
      { faults: [{ rule: 'quarantined', message: 'bad' }] },
      /does not cover \[quarantined\]/,
    ],
    [
      'a part that is not on the list',
      { faults: [{ ...DOWN, unknown: 'signer' }] },
      /does not cover \[not-known\]/,
    ],
  ])('is not for %s', async (_what, over, why) => {
    const answer = await glass.ask({ ...ASK, ...over });

    expect(answer).toEqual({ granted: false, why: expect.stringMatching(why) as string });
    expect(audited).toEqual([]);
  });

  it.each([false, true])('is not for what nobody ever read the quarantines of', async (dryRun) => {
    isStandingRead = false;

    const answer = await glass.ask({ ...ASK, dryRun });

    expect(answer).toEqual({ granted: false, why: expect.stringMatching(/quarantines/) as string });
    expect(audited).toEqual([]);
  });

  it.each([false, true])('is not for anybody while its audit trail is off', async (dryRun) => {
    off = 'no audit file';

    const answer = await glass.ask({ ...ASK, dryRun });

    expect(answer).toEqual({ granted: false, why: 'break-glass is off: no audit file' });
    expect(audited).toEqual([]);
  });

  it('takes a person by name', async () => {
    await expect(glass.ask({ ...ASK, user: 'olga', groups: [] })).resolves.toMatchObject({
      granted: true,
    });
  });

  it('is used so often in an hour and a namespace', async () => {
    await glass.ask(ASK);
    await glass.ask(ASK);

    await expect(glass.ask(ASK)).resolves.toMatchObject({ granted: false });
    await expect(glass.ask({ ...ASK, namespace: 'other' })).resolves.toMatchObject({
      granted: true,
    });
    clockMs += HOUR_MS;
    await expect(glass.ask(ASK)).resolves.toMatchObject({ granted: true });
  });

  it('does not happen when it can not be written down, and then uses nothing up', async () => {
    isAuditDown = true;
    const answer = await glass.ask(ASK);
    await glass.ask(ASK);
    isAuditDown = false;

    expect(answer).toEqual({
      granted: false,
      why: 'break-glass could not be written to the audit trail',
    });
    await expect(glass.ask(ASK)).resolves.toMatchObject({ granted: true });
    await expect(glass.ask(ASK)).resolves.toMatchObject({ granted: true });
  });

  it('writes nothing down for a dry run', async () => {
    for (let n = 0; n < 3; n += 1) {
      await expect(glass.ask({ ...ASK, dryRun: true })).resolves.toMatchObject({ granted: true });
    }

    expect(audited).toEqual([]);
  });
});
