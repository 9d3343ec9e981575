import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ROBOT_KINDS } from '../../domain/registry/principal';

/** `service` of challenges and token requests, `iss` and `aud` of tokens. */
export const TOKEN_SERVICE = 'plura-registry';
/** Seconds. A robot that is disabled or rotated away is refused sooner: see `rev`. */
export const TOKEN_TTL_S = 300;

/**
 * Claims of the tokens that the gateway signs (distribution, "Token Authentication Implementation"): the registered ones,
 * `access`, and three of ours.
 */
export const RegistryTokenClaims = z.object({
  sub: z.string().min(1).max(200),
  /** Seconds since the epoch. */
  exp: z.int(),
  access: z
    .array(
      z.object({
        type: z.enum(['repository', 'registry']),
        name: z.string().max(255),
        actions: z.array(z.enum(['pull', 'push', 'delete', '*'])).max(4),
      }),
    )
    .max(40),
  /** Which kind of login vouches for `sub`: it is asked again at each use. */
  via: z.string().min(1).max(40),
  kind: z.enum([...ROBOT_KINDS, 'anonymous']),
  /** Revision of the credentials that the token was given for; another one now makes it void. */
  rev: z.string().min(1).max(100),
});
export type RegistryTokenClaims = z.infer<typeof RegistryTokenClaims>;

/** 256 bits of chance behind a prefix that secret scanners can look for. */
export function createRobotSecret(): string {
  return `plr_${randomBytes(32).toString('base64url')}`;
}

/** What is stored of it, hex SHA-256. */
export function hashRobotSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
