import { jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { createSecretKey, hash } from 'node:crypto';
import {
  RegistryTokenClaims,
  TOKEN_SERVICE,
  TOKEN_TTL_S,
} from '../../contract/schema/registry-token';
import type { RegistryAction, RepositoryScope } from '../../domain/registry/principal';
import type { TokenAccess } from '../../domain/registry/token-scope';
import type { Identity } from './identity';

const ALGORITHM = 'HS256';
const MAX_TOKEN_LENGTH = 8192;
const MAX_CACHED = 10_000;
/** Between the clocks of two replicas. */
const CLOCK_TOLERANCE_S = 30;

export interface AccessToken {
  readonly token: string;
  readonly issuedAt: Date;
  readonly expiresInS: number;
}

export interface VerifiedToken {
  readonly name: string;
  readonly via: string;
  readonly revision: string;
  readonly scopes: readonly RepositoryScope[];
  readonly mayList: boolean;
  readonly expiresAtMs: number;
}

export interface AccessTokens {
  /** Null when it would be longer than what is taken back. */
  mint(
    identity: Identity,
    via: string,
    access: readonly TokenAccess[],
  ): Promise<AccessToken | null>;
  /** Null when it is not ours, or has expired. */
  verify(token: string): Promise<VerifiedToken | null>;
}

interface Parts {
  readonly tokenKey: Uint8Array;
  readonly now: () => Date;
}

function isRepositoryAction(
  action: RegistryTokenClaims['access'][number]['actions'][number],
): action is RegistryAction {
  return action !== '*';
}

function toVerified(claims: RegistryTokenClaims): VerifiedToken {
  return {
    name: claims.sub,
    via: claims.via,
    revision: claims.rev,
    scopes: claims.access
      .filter(({ type }) => type === 'repository')
      .map(({ name, actions }) => ({
        repositories: name,
        actions: actions.filter(isRepositoryAction),
      })),
    mayList: claims.access.some(({ type, name }) => type === 'registry' && name === 'catalog'),
    expiresAtMs: claims.exp * 1000,
  };
}

/** Tokens by the key that all replicas share; what was verified is remembered by its hash until it expires. */
export function createAccessTokens({ tokenKey, now }: Parts): AccessTokens {
  const key = createSecretKey(tokenKey);
  const verified = new LRUCache<string, VerifiedToken>({ max: MAX_CACHED });

  async function check(token: string): Promise<VerifiedToken | null> {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [ALGORITHM],
        issuer: TOKEN_SERVICE,
        audience: TOKEN_SERVICE,
        requiredClaims: ['sub', 'exp', 'iat'],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: now(),
      });
      const claims = RegistryTokenClaims.safeParse(payload);
      return claims.success ? toVerified(claims.data) : null;
    } catch {
      // Whatever is wrong with it, it is no token of ours.
      return null;
    }
  }

  return {
    mint: async ({ name, kind, revision }, via, access) => {
      const issuedAt = now();
      const iat = Math.floor(issuedAt.getTime() / 1000);
      const token = await new SignJWT({ access: [...access], via, kind, rev: revision })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setSubject(name)
        .setIssuer(TOKEN_SERVICE)
        .setAudience(TOKEN_SERVICE)
        .setIssuedAt(iat)
        .setNotBefore(iat)
        .setExpirationTime(iat + TOKEN_TTL_S)
        .sign(key);
      return token.length <= MAX_TOKEN_LENGTH ? { token, issuedAt, expiresInS: TOKEN_TTL_S } : null;
    },
    verify: async (token) => {
      if (token.length > MAX_TOKEN_LENGTH) return null;
      const id = hash('sha256', token, 'base64url');
      const known = verified.get(id);
      if (known) {
        if (now().getTime() < known.expiresAtMs + CLOCK_TOLERANCE_S * 1000) return known;
        verified.delete(id);
        return null;
      }
      const fresh = await check(token);
      if (fresh) verified.set(id, fresh);
      return fresh;
    },
  };
}
