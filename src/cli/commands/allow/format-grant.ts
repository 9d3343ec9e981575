import type { GrantView } from '../../../contract/schema/api-allow';
import { shortenDigest, type Paint } from '../../output/style';

function placeOf({ namespaces, environment }: GrantView): string {
  return namespaces === null ? (environment ?? '') : `namespace ${namespaces}`;
}

export function formatGrant(grant: GrantView, paint: Paint): string {
  const lines = [
    `${paint.bold(grant.id)}  ${paint.green('may run')}`,
    `  image   ${grant.repository}@${grant.digest}`,
    `  where   ${placeOf(grant)}`,
    `  until   ${grant.expiresAt}`,
    `  owner   ${grant.owner}`,
    `  why     ${grant.reason}`,
    `  by      ${grant.grantedBy}, ${grant.grantedAt}`,
  ];
  return `${lines.join('\n')}\n`;
}

export function toRow(grant: GrantView): readonly string[] {
  const { id, repository, digest, owner, grantedBy, expiresAt, revokedAt, reason } = grant;
  const image = `${repository}@${shortenDigest(digest)}`;
  const until = revokedAt === null ? expiresAt : `revoked ${revokedAt}`;
  return [id, image, placeOf(grant), owner, grantedBy, until, reason];
}
