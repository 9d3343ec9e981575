import { canonicalAdvisoryId, isAdvisoryId } from '../../../../src/domain/advisories/advisory-id';

it.each([
  ['CVE-2026-1234', true],
  ['GHSA-jfh8-c2jp-5v3q', true],
  ['TEMP-0290435-0B57B5', true],
  ['ALAS2-2026-1', true],
  ['../lane', false],
  ['CVE 1', false],
  ['a/b', false],
  ['', false],
])('%s as an id of an advisory: %s', (text, good) => {
  expect(isAdvisoryId(text)).toBe(good);
});

it.each([
  ['cve-2026-1234', 'CVE-2026-1234'],
  ['CVE-2026-1234', 'CVE-2026-1234'],
  ['ghsa-JFH8-c2jp-5V3Q', 'GHSA-jfh8-c2jp-5v3q'],
  ['TEMP-0290435-0B57B5', 'TEMP-0290435-0B57B5'],
  ['RUSTSEC-2026-0001', 'RUSTSEC-2026-0001'],
])('%s is %s in databases', (text, id) => {
  expect(canonicalAdvisoryId(text)).toBe(id);
});
