import { QuarantineMatching, type QuarantineMatch } from '../../../contract/schema/api-quarantine';
import type { HttpClient } from '../../http-client';
import { shortenDigest } from '../../output/style';
import { formatTable } from '../../output/table';

export interface MatchingRequest {
  readonly cve?: string;
  readonly breach: boolean;
  readonly reason: string;
  readonly expiresAt?: string;
  readonly dryRun: boolean;
}

/** All pages as one. */
export async function quarantineMatching(
  http: HttpClient,
  request: MatchingRequest,
): Promise<QuarantineMatching> {
  const path = '/v1/registry/quarantine/matching';
  let all = await http.post(path, request, QuarantineMatching);
  while (all.next !== null) {
    const page: QuarantineMatching = await http.post(
      path,
      { ...request, after: all.next },
      QuarantineMatching,
    );
    all = joined(all, page);
  }
  return all;
}

function joined(a: QuarantineMatching, b: QuarantineMatching): QuarantineMatching {
  return {
    ...b,
    matches: [...a.matches, ...b.matches],
    unclear: [...a.unclear, ...b.unclear],
    // A page without a match has nothing to tell.
    alerted: (a.alerted || a.matches.length === 0) && (b.alerted || b.matches.length === 0),
  };
}

export function formatMatching(matching: QuarantineMatching): string {
  const { dryRun, matches, unclear, alerted } = matching;
  const done = dryRun ? 'would be put under quarantine; nothing was done' : 'under quarantine';
  const lines = [`${matches.length} digests ${done}`];
  if (!dryRun && matches.length > 0 && !alerted) {
    lines.push('The alert could not be ordered: tell those who run them.');
  }
  const table =
    matches.length > 0
      ? formatTable(['digest', 'services', 'in', 'runs', 'advisories', ''], matches.map(toRow))
      : '';
  const rest = unclear.map((digest) => `not known, its list of findings was cut off: ${digest}\n`);
  return `${lines.join('\n')}\n${table}${rest.join('')}`;
}

function toRow(match: QuarantineMatch): readonly string[] {
  const { digest, services, repositories, running, advisories, before } = match;
  const more = advisories.length > 3 ? ` and ${advisories.length - 3} more` : '';
  return [
    shortenDigest(digest),
    [...new Set(services)].join(', '),
    repositories.join(', ') || '-',
    running ? 'yes' : 'no',
    `${advisories.slice(0, 3).join(', ')}${more}`,
    before ? 'already' : '',
  ];
}
