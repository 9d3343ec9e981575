import { isBelow } from './repository-class';

export type RegistryAction = 'pull' | 'push' | 'delete';
export const REGISTRY_ACTIONS: readonly RegistryAction[] = ['pull', 'push', 'delete'];

/**
 * robot: a pipeline, a cluster, a person's tool. system: the release workflows; alone it writes channels.
 * custodian: keeps bases and mirrors. observer: a scanner, garbage collector or replicator, whose reads are no activity.
 */
export const ROBOT_KINDS = ['robot', 'system', 'custodian', 'observer'] as const;
export type RobotKind = (typeof ROBOT_KINDS)[number];

/** `apps/checkout/**` covers all below it, `**` everything, anything else the one repository. */
export interface RepositoryScope {
  readonly repositories: string;
  readonly actions: readonly RegistryAction[];
}

/** Who speaks to the registry, as its credentials said. */
export interface Principal {
  readonly name: string;
  readonly kind: RobotKind | 'anonymous';
  readonly scopes: readonly RepositoryScope[];
}

export function covers(pattern: string, repository: string): boolean {
  if (pattern === '**') return true;
  return pattern.endsWith('/**')
    ? isBelow(repository, pattern.slice(0, -3)) && repository !== pattern.slice(0, -3)
    : pattern === repository;
}

/** What of `wanted` the principal may do there. */
export function allowedActions(
  { scopes }: Pick<Principal, 'scopes'>,
  repository: string,
  wanted: readonly RegistryAction[],
): readonly RegistryAction[] {
  return wanted.filter((action) =>
    scopes.some(
      (scope) => scope.actions.includes(action) && covers(scope.repositories, repository),
    ),
  );
}

export function mayDo(
  principal: Pick<Principal, 'scopes'>,
  repository: string,
  action: RegistryAction,
): boolean {
  return allowedActions(principal, repository, [action]).length > 0;
}
