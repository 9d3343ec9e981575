import type { CasePulls } from '../../../../src/domain/advisories/case';
import {
  describePulls,
  isCutMissing,
  graceEndMs,
  pullCommands,
  pullsOf,
} from '../../../../src/domain/advisories/case-pulls';

const HOUR = 3_600_000;
const DUE = '2026-03-02T00:00:00.000Z';
const DUE_MS = Date.parse(DUE);
const EARLIER = '2026-03-01T23:00:00.000Z';

function clock(overdue: boolean): Parameters<typeof describePulls>[1] {
  return { advisory: 'CVE-2026-1', dueAt: DUE, overdue };
}

describe('what can be pulled of a case', () => {
  it.each([
    ['none', 'until-due', false, 'always'],
    ['block', 'until-due', true, 'always'],
    ['quarantine', 'keep', true, 'replaced'],
    ['quarantine', 'until-due', false, 'due'],
    ['quarantine', 'until-due', true, 'cut'],
    ['quarantine', 'cut-off', false, 'cut'],
  ] as const)('by %s and %s (overdue: %s) can be so until: %s', (action, prod, overdue, until) => {
    expect(pullsOf({ action, prod, overdue }, [], 0)).toMatchObject({ until });
  });

  it('is counted, with the time of the last cut', () => {
    const digests = [{ cutAt: DUE }, { cutAt: null }, { cutAt: EARLIER }];
    const rule = { action: 'quarantine', prod: 'keep', overdue: false } as const;

    expect(pullsOf(rule, digests, 1)).toEqual({
      ...{ until: 'replaced', open: 1, cutOff: 2, cutAt: DUE },
    });
  });

  const none = { open: 0, cutOff: 0, cutAt: null };
  const cut = { open: 0, cutOff: 2, cutAt: EARLIER };

  it.each<readonly [string, CasePulls, boolean, string]>([
    ['nothing is in use', { ...none, until: 'due' }, false, ''],
    [
      'prod uses it',
      { ...none, until: 'due', open: 1 },
      false,
      `1 digest of prod can be pulled until the successor is out, at the latest until ${DUE}: then nobody can pull it, and no node without a copy can start it again.`,
    ],
    [
      'the worker was away at the end',
      { ...none, until: 'due', open: 2 },
      true,
      `2 digests should be cut off from pulls since ${DUE} and could not be yet; the next look tries again.`,
    ],
    [
      'it could not be done',
      { ...cut, until: 'cut', open: 1 },
      true,
      `1 digest should be cut off from pulls and could not be yet; the next look tries again. Cut off from pulls: 2 digests, the last at ${EARLIER}.`,
    ],
    [
      'it was done',
      { ...cut, until: 'cut' },
      true,
      `Cut off from pulls: 2 digests, the last at ${EARLIER}.`,
    ],
    [
      'prod is kept',
      { ...none, until: 'replaced', open: 1 },
      true,
      '1 digest can be pulled until the successor is out.',
    ],
    [
      'the policy cuts nothing off',
      { ...none, until: 'always', open: 1 },
      true,
      'Nothing is cut off from pulls: the policy blocks at most.',
    ],
  ])('is told: %s', (_name, pulls, overdue, text) => {
    expect(describePulls(pulls, clock(overdue))).toBe(text);
  });

  it.each<readonly [string, CasePulls, boolean, boolean]>([
    ['it is not due', { ...none, until: 'due', open: 1 }, false, false],
    ['it became due while it was looked at', { ...none, until: 'due', open: 1 }, true, true],
    ['it failed', { ...cut, until: 'cut', open: 1 }, false, true],
    ['it was done', { ...cut, until: 'cut' }, true, false],
    ['prod is kept', { ...none, until: 'replaced', open: 1 }, true, false],
  ])('lacks a cut, or not: %s', (_name, pulls, overdue, missing) => {
    expect(isCutMissing(pulls, overdue)).toBe(missing);
  });

  it('is not told by what an older version found', () => {
    expect(describePulls(undefined, clock(true))).toBe('');
    expect(pullCommands(undefined, clock(true))).toBe('');
    expect(isCutMissing(undefined, true)).toBe(false);
  });

  it.each<readonly [string, CasePulls, boolean, readonly string[]]>([
    [
      'before the cut',
      { ...none, until: 'due', open: 1 },
      false,
      ['plura reg cve extend CVE-2026-1 --by', 'plura reg cve close CVE-2026-1 ', 'prod: keep'],
    ],
    [
      'after it',
      { ...cut, until: 'cut' },
      true,
      ['plura reg quarantine release DIGEST', 'plura reg cve close CVE-2026-1 '],
    ],
  ])('can be changed by commands that are named: %s', (_name, pulls, overdue, commands) => {
    const text = pullCommands(pulls, clock(overdue));

    for (const command of commands) expect(text).toContain(command);
  });

  it.each<readonly [string, CasePulls, boolean]>([
    ['where nothing waits for the clock', { ...cut, until: 'due' }, false],
    ['where nothing was cut off', { ...none, until: 'always', open: 1 }, true],
  ])('needs no command %s', (_name, pulls, overdue) => {
    expect(pullCommands(pulls, clock(overdue))).toBe('');
  });
});

describe('the grace of what a channel points at', () => {
  it.each([
    ['is that of the registry', 'keep', DUE_MS - 9 * HOUR, DUE_MS - 7 * HOUR],
    ['does not go by the clock then', 'cut-off', DUE_MS - HOUR, DUE_MS + HOUR],
    ['is the shorter of both', 'until-due', DUE_MS - 9 * HOUR, DUE_MS - 7 * HOUR],
    ['ends with the clock', 'until-due', DUE_MS - HOUR, DUE_MS],
    ['is none after that', 'until-due', DUE_MS + HOUR, DUE_MS],
  ] as const)('%s: %s', (_name, prod, nowMs, expected) => {
    expect(graceEndMs({ prod, dueAt: DUE }, nowMs, 2 * HOUR)).toBe(expected);
  });
});
