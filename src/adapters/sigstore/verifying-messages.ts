import type { ToldError } from '../../contract/told-error';
import type { KeyRing } from '../../domain/keys';
import type { ExpectedBundle, VerifiedBundle } from '../../ports/signer';

/** What a verifying thread is given. */
export interface VerifyingThreadData {
  readonly trustedRootFile: string | null;
}

export interface VerifyJob {
  readonly id: number;
  readonly bundle: Uint8Array;
  /** The keys of the moment: threads ask for none themselves. */
  readonly ring: KeyRing;
  readonly expected: ExpectedBundle;
}

export type VerifyAnswer =
  | { readonly id: number; readonly bundle: VerifiedBundle }
  | { readonly id: number; readonly error: ToldError };
