import { describeFinding } from '../src/domain/admission/describe-finding';
import { blockFindings } from '../src/domain/admission/allow-list';
import type { Digest } from '../src/domain/digest';
import type { Deps } from './deps';

/**
 * Why nothing new may come of a digest, by quarantine or denial: what may start nowhere is not promoted either. Null when nothing
 * blocks it. @throws ReleaseError LEDGER_UNAVAILABLE
 */
export async function findStandingBlock(
  { allowList, now }: Pick<Deps, 'allowList' | 'now'>,
  digest: Digest,
): Promise<string | null> {
  // Of the digest alone, whatever repository it lies in.
  const facts = await allowList.facts({ repository: '', digest });
  const [block] = blockFindings(facts, now().getTime());
  return block ? `${digest}: ${describeFinding(block)}.` : null;
}
