import type { Actor } from '../../domain/actor';

/** Who a bearer token speaks for. Throws ReleaseError UNAUTHENTICATED for a token that does not hold. */
export type VerifyToken = (bearer: string) => Promise<Actor>;
