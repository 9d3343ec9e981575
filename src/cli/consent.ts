import { ReleaseError } from '../contract/errors';
import type { CliContext } from './context';

/** Asks before something that can't be taken back; where nobody can answer, the command is the answer. */
export async function requireConsent(
  context: CliContext,
  yes: boolean | undefined,
  question: string,
): Promise<void> {
  if (yes || context.confirm === null) return;
  if (await context.confirm(question)) return;
  throw new ReleaseError('INVALID_INPUT', 'Nothing was done', {
    details: { field: '--yes', remedy: 'answer y, or give --yes' },
  });
}
