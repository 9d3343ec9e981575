import type { Principal } from '../../domain/registry/principal';

/** What somebody showed to be known by. */
export type Credential =
  | { readonly kind: 'password'; readonly name: string; readonly secret: string }
  /** A refresh token: the secret alone. */
  | { readonly kind: 'secret'; readonly secret: string }
  /** A bearer token that we did not sign. */
  | { readonly kind: 'bearer'; readonly token: string }
  /** An `Authorization` header that is neither Basic nor Bearer: known to nobody, a failed login as others are. */
  | { readonly kind: 'unreadable' };

/** A principal with all that it may do. */
export interface Identity extends Principal {
  /** Of what it logged in with: changes when that is no longer good, and when kind or scopes do. */
  readonly revision: string;
}

export type LoginFailure = 'unknown' | 'disabled' | 'expired' | 'rotated';

export type LoginResult =
  { readonly identity: Identity } | { readonly identity: null; readonly why: LoginFailure };

/**
 * One way to be somebody. Robots are the first; the JWTs of people will be another, by `bearer` or as the password of a
 * `docker login`. No route knows which one vouched.
 */
export interface IdentitySource {
  /** Claim `via` of a token: this source is asked about it again at each use. */
  readonly id: string;
  /** `unknown` lets the next source try. */
  verify(credential: Credential): Promise<LoginResult>;
  /** Who a token speaks for, as things stand now; null when the token may not be used any more. */
  recall(name: string, revision: string): Identity | null;
}

export const UNKNOWN: LoginResult = { identity: null, why: 'unknown' };
