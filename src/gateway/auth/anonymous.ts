import { createHash } from 'node:crypto';
import type { RegistryPolicy } from '../../domain/policy';
import { UNKNOWN, type Identity, type IdentitySource } from './identity';

export interface AnonymousSource extends IdentitySource {
  readonly identity: Identity;
}

/** Who shows nothing may pull what the policy opens to anyone: by default nothing. */
export function createAnonymousSource({
  anonymousPull,
}: Pick<RegistryPolicy, 'anonymousPull'>): AnonymousSource {
  const identity: Identity = {
    name: 'anonymous',
    kind: 'anonymous',
    scopes: anonymousPull.flatMap((prefix) =>
      [prefix, `${prefix}/**`].map((repositories) => ({
        repositories,
        actions: ['pull'] as const,
      })),
    ),
    revision: createHash('sha256').update(anonymousPull.join(' ')).digest('base64url').slice(0, 16),
  };
  return {
    id: 'anonymous',
    identity,
    verify: () => Promise.resolve(UNKNOWN),
    recall: (_name, revision) => (revision === identity.revision ? identity : null),
  };
}
