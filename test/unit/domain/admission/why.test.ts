import type { AllowFacts } from '../../../../src/domain/admission/allow-facts';
import { judgeAllowed } from '../../../../src/domain/admission/allow-list';
import { allowListOf } from '../../../../src/domain/admission/allow-policy';
import { explainDecision, WHY_CHECKS, type WhyStep } from '../../../../src/domain/admission/why';
import {
  ALLOWED_DIGEST,
  ALLOWED_REPOSITORY,
  allowFacts,
  daysFromNow,
  pastPin,
  pinOf,
} from '../../../support/allow-facts';
import { NOW } from '../../../support/api-fixtures';
import { denialOf } from '../../../support/contracts/allow-list';

function explain(over: Partial<AllowFacts>, namespace = 'prod'): readonly WhyStep[] {
  const facts = allowFacts(over);
  const image = { repository: ALLOWED_REPOSITORY, digest: ALLOWED_DIGEST };
  const query = { ...image, namespace, nowMs: Date.parse(NOW) };
  return explainDecision(judgeAllowed(facts, allowListOf({}), query), facts, namespace);
}

const stateOf = (steps: readonly WhyStep[], check: string): string | undefined =>
  steps.find((step) => step.check === check)?.state;

describe('explainDecision', () => {
  it('says something of every check, in order', () => {
    const steps = explain({ pins: [pinOf()] });

    expect(steps.map(({ check }) => check)).toEqual(WHY_CHECKS);
    expect(steps.every(({ text }) => text.length > 0)).toBe(true);
  });

  it('says what lets in, what blocks and what is only so', () => {
    const steps = explain({
      pins: [pinOf(), pastPin({ channel: 'stg:stable' })],
      denials: [denialOf()],
    });

    expect(stateOf(steps, 'channel')).toBe('allows');
    expect(stateOf(steps, 'denial')).toBe('blocks');
    expect(stateOf(steps, 'namespace')).toBe('ok');
    expect(stateOf(steps, 'binding')).toBe('ok');
    expect(stateOf(steps, 'window')).toBe('none');
  });

  it('has a step for each of several reasons of one check', () => {
    const pins = [pinOf({ channel: 'prod:candidate' }), pinOf()];

    const steps = explain({ pins });

    expect(steps.filter(({ check }) => check === 'channel')).toHaveLength(2);
  });

  it('shows the verdicts that the ledger has, and decides nothing by them', () => {
    const scan = { gate: 'scan', at: daysFromNow(-1), releaseId: 'shop/1.0.0_abc1234' } as const;
    const reasons = ['CVE-2026-1 is High.'];

    const passed = explain({ evidence: [{ ...scan, outcome: 'pass', reasons: [] }] });
    const failed = explain({ evidence: [{ ...scan, outcome: 'fail', reasons }] });

    expect(passed.find(({ check }) => check === 'cve')).toEqual({
      check: 'cve',
      state: 'ok',
      text: `scan: pass at ${daysFromNow(-1)} in shop/1.0.0_abc1234`,
    });
    expect(failed.find(({ check }) => check === 'cve')).toMatchObject({
      state: 'lacks',
      text: expect.stringContaining('CVE-2026-1 is High.') as string,
    });
    expect(stateOf(passed, 'signature')).toBe('none');
  });

  it('says that a namespace is of no environment', () => {
    expect(stateOf(explain({ pins: [pinOf()] }, 'tools'), 'namespace')).toBe('lacks');
  });
});
