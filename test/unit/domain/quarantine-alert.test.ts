import { describeQuarantine } from '../../../src/domain/quarantine-alert';
import { fakeDigest } from '../../support/api-fixtures';

const A = fakeDigest('a');
const ALERT = {
  digests: [A],
  reason: 'remote code execution',
  cves: ['CVE-2026-1', 'CVE-2026-2'],
  by: 'erin',
  hits: [],
  more: 0,
  unknown: [],
};
const HIT = { svc: 'shop', digest: A, where: 'prod:stable', prod: true };

it('names who, why, the advisories and what is hit', () => {
  const { severity, title, text } = describeQuarantine({ ...ALERT, hits: [HIT] });

  expect(severity).toBe('critical');
  expect(title).toBe(`Quarantined: ${A.slice(0, 19)}, 1 places run it`);
  expect(text).toContain('erin: remote code execution');
  expect(text).toContain('CVE-2026-1; CVE-2026-2');
  expect(text).toContain(`shop prod:stable: ${A}`);
});

it.each([
  ['nothing is hit', {}, 'warning'],
  ['only stg is hit', { hits: [{ ...HIT, where: 'stg:stable', prod: false }] }, 'warning'],
  ['prod is hit', { hits: [HIT] }, 'critical'],
  ['what prod runs is not known', { unknown: ['what shop runs in prod: timeout'] }, 'critical'],
])('is as urgent as it may be: %s', (_what, over, severity) => {
  expect(describeQuarantine({ ...ALERT, ...over }).severity).toBe(severity);
});

it('says how many it does not list', () => {
  const hits = Array.from({ length: 30 }, () => HIT);

  expect(describeQuarantine({ ...ALERT, hits, more: 5 }).text).toContain('and 15 more');
});
