import type { GatewayDependencies } from '../dependencies';
import { createAccessTokens, type AccessTokens } from './access-tokens';
import { createAnonymousSource, type AnonymousSource } from './anonymous';
import { createLoginLimit } from './login-limit';
import { createLogins, type Logins } from './logins';
import { createRobotSource } from './robot-source';
import { createUseRecorder, type UseRecorder } from './use-recorder';

export type IdentityDependencies = Pick<
  GatewayDependencies,
  'cache' | 'policy' | 'robots' | 'log' | 'now' | 'publicUrl' | 'tokenKey'
>;

export interface IdentityParts {
  readonly anonymous: AnonymousSource;
  readonly logins: Logins;
  readonly tokens: AccessTokens;
  readonly uses: UseRecorder;
}

const known = new WeakMap<IdentityDependencies, IdentityParts>();

/** One set a gateway, for authenticator and token endpoint: failures are counted and uses written together. */
export function identityPartsOf(deps: IdentityDependencies): IdentityParts {
  const parts = known.get(deps) ?? createParts(deps);
  known.set(deps, parts);
  return parts;
}

function createParts(deps: IdentityDependencies): IdentityParts {
  const { cache, policy, log, now } = deps;
  const anonymous = createAnonymousSource(policy);
  const uses = createUseRecorder(deps);
  // The JWTs of people (OIDC) come in here, as one more source.
  const sources = [createRobotSource({ cache, uses, now }), anonymous];
  const logins = createLogins({ sources, limit: createLoginLimit(now), log });
  return { anonymous, logins, tokens: createAccessTokens(deps), uses };
}
