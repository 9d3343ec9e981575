import { ReleaseError, type ErrorCode } from '../src/contract/errors';
import type { Refusal, Step } from './base-import';

/** What a vendor or a file of ours says wrong, as against what does not answer. */
const REFUSALS: readonly ErrorCode[] = [
  'BASE_REFUSED',
  'DIGEST_NOT_FOUND',
  'INVALID_INPUT',
  'SIGNATURE_INVALID',
];

export function refused(reason: string, remedy: string): Refusal {
  return { ok: false, reason, remedy };
}

/** Expected bad news is an answer. Throws what is none. */
export async function refusing<T>(work: () => Promise<Step<T>>): Promise<Step<T>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ReleaseError) || !REFUSALS.includes(error.code)) throw error;
    const { remedy } = error.details;
    return refused(error.message, typeof remedy === 'string' ? remedy : '');
  }
}
