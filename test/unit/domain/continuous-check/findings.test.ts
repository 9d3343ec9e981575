import { confirmFindings } from '../../../../src/domain/continuous-check/confirm';
import {
  describeCheckFinding,
  failingFirst,
  isFailing,
  type CheckFinding,
} from '../../../../src/domain/continuous-check/finding';
import { checkPolicyOf } from '../../../../src/domain/continuous-check/policy';
import {
  samenessOf,
  type ServiceCheck,
} from '../../../../src/domain/continuous-check/service-check';
import { strangersOf, subjectsOf } from '../../../../src/domain/continuous-check/subjects';
import { judgeTarget } from '../../../../src/domain/continuous-check/target';
import { findingsOf } from '../../../../src/domain/continuous-check/verification';
import type { AdmissionFault } from '../../../../src/domain/admission/fault';
import {
  BEFORE,
  CHECK_NOW,
  CHECK_POLICY,
  findingOf,
  OTHER,
  STABLE,
} from '../../../support/check-findings';

const CHANNELS = [
  { channel: 'stg:stable', digest: STABLE },
  { channel: 'prod:stable', digest: STABLE },
  { channel: 'prod:candidate', digest: null },
] as const;

describe('what is looked at', () => {
  it('is each digest once, with all its places', () => {
    const running = [{ env: 'prod', stable: STABLE, candidate: OTHER, warm: [BEFORE] }] as const;

    expect(subjectsOf(CHANNELS, running)).toEqual([
      { digest: STABLE, where: ['stg:stable', 'prod:stable', 'prod stable'] },
      { digest: OTHER, where: ['prod candidate'] },
      { digest: BEFORE, where: ['prod warm'] },
    ]);
  });

  it('names what runs beside the channels', () => {
    const running = [
      { env: 'stg', stable: BEFORE, candidate: null, warm: [] },
      { env: 'prod', stable: STABLE, candidate: OTHER, warm: [BEFORE] },
    ] as const;

    expect(strangersOf(CHANNELS, running)).toEqual([
      { digest: BEFORE, where: 'stg stable', expected: STABLE },
      { digest: OTHER, where: 'prod candidate', expected: null },
    ]);
  });
});

describe('what the verifier says', () => {
  it.each<[string, Partial<AdmissionFault>, CheckFinding['check'], CheckFinding['result']]>([
    ['no signature', { rule: 'signature' }, 'signature', 'failed'],
    ['a bad child', { rule: 'child-signature' }, 'signature', 'failed'],
    ['no SBOM', { rule: 'sbom' }, 'signature', 'failed'],
    ['no release', { rule: 'released' }, 'binding', 'failed'],
    ['another repository', { rule: 'binding' }, 'binding', 'failed'],
    ['a scan that says no', { rule: 'cve-verdict' }, 'cve', 'failed'],
    ['a scan that is too old', { rule: 'cve-verdict', lapse: true }, 'cve', 'doubtful'],
    ['a base that went', { rule: 'provenance', lapse: true }, 'signature', 'doubtful'],
    ['too much attached', { rule: 'malformed' }, 'signature', 'doubtful'],
    ['a 404', { rule: 'present' }, 'blobs', 'could-not-check'],
    ['the log away', { rule: 'not-known', unknown: 'log' }, 'signature', 'could-not-check'],
    ['Postgres away', { rule: 'not-known', unknown: 'ledger' }, 'cve', 'could-not-check'],
    ['a bug', { rule: 'internal' }, 'signature', 'could-not-check'],
  ])('is of a digest that runs: %s', (_what, fault, check, result) => {
    const faults = [{ rule: 'signature', message: 'x', ...fault } as const];

    expect(findingsOf(faults, STABLE, ['prod:stable'])).toEqual([
      { check, result, where: ['prod:stable'], digest: STABLE, reason: 'x' },
    ]);
  });
});

it('takes what no release claims for a failure where it serves, not where a pre-empted one left it', () => {
  const faults = [{ rule: 'released', message: 'x' }] as const;
  const resultIn = (...where: CheckFinding['where']): unknown =>
    findingsOf(faults, STABLE, where)[0]?.result;

  expect(resultIn('dev:candidate')).toBe('doubtful');
  expect(resultIn('dev:candidate', 'stg stable')).toBe('failed');
  expect(resultIn()).toBe('failed');
});

describe('two looks', () => {
  const unknown = findingOf({ result: 'could-not-check' });

  it.each<[string, readonly CheckFinding[], readonly CheckFinding[], readonly CheckFinding[]]>([
    ['agree', [findingOf()], [findingOf({ reason: 'still' })], [findingOf({ reason: 'still' })]],
    ['see a glitch', [findingOf()], [], []],
    ['meet a part that went away', [findingOf()], [unknown], [unknown]],
    [
      'see something for the first time',
      [],
      [findingOf()],
      [findingOf({ result: 'could-not-check', reason: 'seen once: It has no signature.' })],
    ],
    [
      'see another digest',
      [findingOf({ digest: OTHER })],
      [findingOf()],
      [findingOf({ result: 'could-not-check', reason: 'seen once: It has no signature.' })],
    ],
  ])('%s', (_what, first, second, confirmed) => {
    expect(confirmFindings(first, second)).toEqual(confirmed);
  });
});

describe('a former stable digest', () => {
  const stale = findingOf({ check: 'cve', result: 'doubtful', reason: 'stale' });

  it.each<[string, readonly CheckFinding[], boolean, string]>([
    ['passes', [], true, 'verified'],
    ['may do with an old scan', [stale], false, 'doubtful'],
    ['does not with an old scan in place of a vulnerable one', [stale], true, 'refused'],
    ['does not when it fails', [findingOf()], false, 'refused'],
    ['does not under quarantine', [findingOf({ check: 'quarantine' })], false, 'refused'],
    ['is not known', [findingOf({ result: 'could-not-check' })], false, 'unknown'],
  ])('%s', (_what, findings, forCve, kind) => {
    expect(judgeTarget(findings, { forCve }).kind).toBe(kind);
  });
});

describe('what is kept', () => {
  const check = (over: Partial<ServiceCheck>): ServiceCheck => ({
    svc: 'shop',
    runId: 'one',
    at: CHECK_NOW,
    outcome: 'failing',
    digests: 1,
    findings: [findingOf()],
    note: '',
    ...over,
  });

  it.each<[string, Partial<ServiceCheck>, boolean]>([
    ['another run', { runId: 'two', note: 'x' }, true],
    ['the same in other words', { findings: [findingOf({ reason: 'y' })] }, true],
    ['another digest', { findings: [findingOf({ digest: OTHER })] }, false],
    ['another outcome', { outcome: 'rolled-back' }, false],
  ])('is one row or two: %s', (_what, over, isSame) => {
    expect(samenessOf(check(over)) === samenessOf(check({}))).toBe(isSame);
  });

  it('is one row as long as nothing can be found out', () => {
    const unknown = { outcome: 'unchecked', findings: [] } as const;

    expect(samenessOf(check(unknown))).toBe(samenessOf(check({ ...unknown, note: 'x' })));
    expect(samenessOf(check({ outcome: 'unchecked' }))).toBe(samenessOf(check(unknown)));
  });
});

it('keeps services that fail before those in doubt, each in their order', () => {
  const look = (
    svc: string,
    ...findings: readonly CheckFinding[]
  ): { svc: string; findings: readonly CheckFinding[] } => ({ svc, findings });
  const doubt = findingOf({ check: 'cve', result: 'doubtful' });
  const drift = findingOf({ check: 'tag-drift' });

  const kept = failingFirst([
    look('a', doubt),
    look('b', drift, findingOf()),
    look('c', drift),
    look('d', findingOf()),
  ]);

  expect(kept.map(({ svc }) => svc)).toEqual(['b', 'd', 'a', 'c']);
});

it.each<[string, CheckFinding['where'], boolean]>([
  ['what serves', ['prod:stable', 'prod stable'], true],
  ['what is kept warm', ['prod warm'], false],
  ['what is kept warm in prod and served in stg', ['prod warm', 'stg stable'], true],
])('has a service fail for %s: %j, %s', (_, where, fails) => {
  expect(isFailing({ findings: [findingOf({ where })] })).toBe(fails);
});

it('says a finding in one line', () => {
  expect(describeCheckFinding(findingOf({ result: 'could-not-check' }))).toBe(
    'prod:stable, prod stable: signature could not be checked: It has no signature.',
  );
});

it('goes by what the policy says, else by the defaults', () => {
  expect(checkPolicyOf({ continuousCheck: CHECK_POLICY })).toBe(CHECK_POLICY);
  expect(checkPolicyOf({})).toEqual({
    rollbacks: { max: 1, withinMs: 86_400_000 },
    maxServices: 5,
    alertAfter: 3,
  });
});
