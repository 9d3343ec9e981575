import {
  allowedActions,
  REGISTRY_ACTIONS,
  type RegistryAction,
  type RepositoryScope,
} from './principal';
import { isRepositoryName } from './repository-class';

/** One thing that a client asks a token for (distribution, "Token Scope Documentation"). */
export type AskedScope =
  | {
      readonly kind: 'repository';
      readonly name: string;
      readonly actions: readonly RegistryAction[];
    }
  | { readonly kind: 'catalog' }
  /** Well-formed, but nothing that we have: nothing is granted for it. */
  | { readonly kind: 'other' };

/** One entry of a token's `access` claim. */
export interface TokenAccess {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  readonly actions: readonly string[];
}

const MAX_SCOPES = 32;
const MAX_SCOPE_LENGTH = 512;
const SCOPE = /^([a-z]+)(\([a-z0-9]+\))?:([^\s"\\]+):((?:[a-z]+|\*)(?:,(?:[a-z]+|\*)){0,9})$/;

function actionsOf(text: string): readonly RegistryAction[] {
  const given = text.split(',');
  return given.includes('*')
    ? REGISTRY_ACTIONS
    : REGISTRY_ACTIONS.filter((one) => given.includes(one));
}

function parseOne(text: string): AskedScope {
  const [, type, resourceClass, name = '', actions = ''] =
    text.length <= MAX_SCOPE_LENGTH ? (SCOPE.exec(text) ?? []) : [];
  if (type === undefined) throw new RangeError('A scope is {type}:{name}:{action},{action}');
  if (type === 'registry' && name === 'catalog') return { kind: 'catalog' };
  if (type !== 'repository' || resourceClass !== undefined) return { kind: 'other' };
  if (!isRepositoryName(name)) throw new RangeError('A scope names no valid repository');
  return { kind: 'repository', name, actions: actionsOf(actions) };
}

/**
 * Reads the values of `scope`: each holds one scope, or several with spaces between them.
 *
 * @throws RangeError for a malformed one, or more than 32
 */
export function parseAskedScopes(values: readonly string[]): readonly AskedScope[] {
  const texts = values.flatMap((value) => value.split(' ')).filter((text) => text !== '');
  if (texts.length > MAX_SCOPES) throw new RangeError(`At most ${MAX_SCOPES} scopes a token`);
  return texts.map(parseOne);
}

/** What of it a holder of `held` gets; each repository once. What it doesn't get is left out, as the token specification has it. */
export function grantAccess(
  asked: readonly AskedScope[],
  held: readonly RepositoryScope[],
): readonly TokenAccess[] {
  const granted = new Map<string, Set<RegistryAction>>();
  for (const scope of asked) {
    if (scope.kind !== 'repository') continue;
    for (const action of allowedActions({ scopes: held }, scope.name, scope.actions)) {
      granted.set(scope.name, (granted.get(scope.name) ?? new Set()).add(action));
    }
  }
  const mayList = held.some(({ actions }) => actions.includes('pull'));
  return [
    ...[...granted].map(([name, actions]) => ({
      type: 'repository' as const,
      name,
      actions: [...actions],
    })),
    ...(mayList && asked.some(({ kind }) => kind === 'catalog')
      ? [{ type: 'registry' as const, name: 'catalog', actions: ['*'] }]
      : []),
  ];
}
