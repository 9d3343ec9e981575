import { chooseSeverity } from '../../../../src/domain/advisories/severity';

describe('the severity of an advisory', () => {
  it.each([
    ['is that of its own feed', 'CVE-1', { ghsa: 2, nvd: 4 }, 'HIGH', 'ghsa', 'MEDIUM'],
    ['is UNKNOWN when its own feed says so', 'CVE-1', { ghsa: 0, nvd: 4 }, 'HIGH', 'ghsa', 'UNKNOWN'],
    ['is that of NVD when its feed rates nothing', 'CVE-1', { ghsa: 2, nvd: 4 }, 'LOW', 'alpine', 'CRITICAL'],
    ['is that of GitHub for its own ids', 'GHSA-1', { ghsa: 2, nvd: 4 }, 'LOW', 'osv', 'MEDIUM'],
    ['is any when neither rates it', 'CVE-1', { redhat: 1 }, 'HIGH', 'alpine', 'HIGH'],
    ['is UNKNOWN when nobody does', 'CVE-1', {}, '', 'alpine', 'UNKNOWN'],
    ['is UNKNOWN when it is a new word', 'CVE-1', {}, 'SEVERE', 'alpine', 'UNKNOWN'],
    ['is UNKNOWN when it is a new number', 'CVE-1', { nvd: 9 }, '', 'alpine', 'UNKNOWN'],
  ] as const)('%s', (_case, id, byVendor, severity, feed, expected) => {
    expect(chooseSeverity(id, { severity, byVendor }, feed)).toBe(expected);
  });

  it('is UNKNOWN when the vulnerability is', () => {
    expect(chooseSeverity('CVE-1', null, 'nvd')).toBe('UNKNOWN');
  });
});
