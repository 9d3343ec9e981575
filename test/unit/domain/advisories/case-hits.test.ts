import type { AdvisorySeverity } from '../../../../src/domain/advisories/advisory';
import { goneDigests } from '../../../../src/domain/advisories/case-hits';
import { A, B } from '../../../support/contracts/ledger-builders';

it.each<[string, readonly AdvisorySeverity[], boolean]>([
  ['does not hit it', [], true],
  ['hits it as Medium', ['MEDIUM'], true],
  ['hits it as Low', ['LOW', 'MEDIUM'], true],
  ['hits it as High', ['HIGH'], false],
  ['hits a part of it as Critical', ['LOW', 'CRITICAL'], false],
  ['is rated by nobody', ['UNKNOWN'], false],
  ['is rated by nobody for a part of it', ['MEDIUM', 'UNKNOWN'], false],
])('a case lets a digest go where the advisory %s', (_what, severities, gone) => {
  const other = { digest: B, severities: ['HIGH' as const] };

  expect(goneDigests([other, { digest: A, severities }])).toEqual(gone ? [A] : []);
});
