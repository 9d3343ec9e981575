import { hash, timingSafeEqual } from 'node:crypto';
import { isSecretValid, robotState } from '../../domain/registry/robot';
import type { RobotSecret, RobotWithSecrets } from '../../ports/robots';
import type { StateCache } from '../state/state-cache';
import {
  UNKNOWN,
  type Credential,
  type Identity,
  type IdentitySource,
  type LoginResult,
} from './identity';
import type { UseRecorder } from './use-recorder';

/** Hash of nothing anyone has: an unknown name costs the same work as a known one. */
const DECOY: RobotSecret = { hash: '0'.repeat(64), validUntil: null };

function isSecret({ hash: stored }: RobotSecret, given: Buffer): boolean {
  const expected = Buffer.from(stored, 'hex');
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** All are compared, whichever fits: time says nothing about which one. */
function findSecret(secrets: readonly RobotSecret[], given: Buffer): RobotSecret | null {
  return secrets.filter((secret) => isSecret(secret, given))[0] ?? null;
}

interface Parts {
  readonly cache: StateCache;
  readonly uses: Pick<UseRecorder, 'used'>;
  readonly now: () => Date;
}

/** Robots as the snapshot has them: one that was disabled, rotated or removed is refused as soon as the snapshot knows. */
export function createRobotSource({ cache, uses, now }: Parts): IdentitySource {
  // Secrets are objects of one snapshot, so what is kept for them goes with it.
  const identities = new WeakMap<RobotSecret, Identity>();

  function identityOf(robot: RobotWithSecrets, secret: RobotSecret): Identity {
    const known = identities.get(secret);
    if (known) return known;
    const { name, kind, scopes } = robot;
    const facts = JSON.stringify([secret.hash, kind, scopes]);
    const revision = hash('sha256', facts, 'base64url').slice(0, 16);
    const identity = { name, kind, scopes, revision };
    identities.set(secret, identity);
    return identity;
  }

  function judge(robot: RobotWithSecrets | undefined, secret: RobotSecret | null): LoginResult {
    if (!robot || !secret) return UNKNOWN;
    const nowMs = now().getTime();
    const state = robotState(robot, nowMs);
    if (state !== 'active') return { identity: null, why: state };
    if (!isSecretValid(secret, nowMs)) return { identity: null, why: 'rotated' };
    return { identity: identityOf(robot, secret) };
  }

  function verifyNamed(name: string, given: Buffer): LoginResult {
    const robot = cache.current().robots.get(name);
    return judge(robot, findSecret(robot?.secrets ?? [DECOY], given));
  }

  function verifySecret(given: Buffer): LoginResult {
    let result: LoginResult = UNKNOWN;
    for (const robot of cache.current().robots.values()) {
      const secret = findSecret(robot.secrets, given);
      if (secret) result = judge(robot, secret);
    }
    return result;
  }

  // A secret has 256 bits of chance: SHA-256 takes a microsecond, and nothing is won by a slower hash.
  function verify(credential: Credential): LoginResult {
    if (credential.kind !== 'password' && credential.kind !== 'secret') return UNKNOWN;
    const given = hash('sha256', credential.secret, 'buffer');
    return credential.kind === 'password'
      ? verifyNamed(credential.name, given)
      : verifySecret(given);
  }

  return {
    id: 'robot',
    verify: (credential) => {
      const result = verify(credential);
      if (result.identity) uses.used(result.identity.name);
      return Promise.resolve(result);
    },
    recall: (name, revision) => {
      const robot = cache.current().robots.get(name);
      for (const secret of robot?.secrets ?? []) {
        const { identity } = judge(robot, secret);
        if (identity?.revision === revision) return identity;
      }
      return null;
    },
  };
}
