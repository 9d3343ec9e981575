import { SYSTEM_ACTOR } from '../src/domain/actor';
import type { Digest } from '../src/domain/digest';
import type { Deps } from './deps';

export const ACTOR = SYSTEM_ACTOR.subject;

/** By it is known what this case blocked, and what a person did. */
export function reasonOf(advisory: string): string {
  return `advisory ${advisory}`;
}

export function audit(
  { ledger }: Pick<Deps, 'ledger'>,
  action: string,
  {
    advisory,
    digest,
    at,
  }: { readonly advisory: string; readonly digest: Digest; readonly at: string },
): Promise<void> {
  const entry = { at, actor: ACTOR, action, svc: '', subject: digest, details: { advisory } };
  return ledger.appendAudit(entry, `advisory/${advisory}/${action}/${digest}/${at}`);
}

/** In force, by some case: of two that want the same digest blocked the first one's words stand there. */
export function isOfCase(by: string, reason: string): boolean {
  return by === ACTOR && reason.startsWith(reasonOf(''));
}
