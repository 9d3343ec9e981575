import type { GcItemView } from '../../../contract/schema/api-gc';
import { formatBytes } from '../../output/bytes';

/** One line: what goes, by which rule, and the facts behind it. */
export function formatItem({
  ordinal,
  kind,
  repository,
  tag,
  digest,
  rule,
  evidence,
  bytes,
}: GcItemView): string {
  const name = kind === 'tag' ? `${repository}:${tag ?? ''}` : `${repository}@${digest}`;
  const facts = Object.entries(evidence).map(([fact, value]) => `${fact} ${value ?? '-'}`);
  return `  ${ordinal}  ${name}  ${rule}, frees ${formatBytes(bytes)}: ${facts.join(', ')}`;
}
