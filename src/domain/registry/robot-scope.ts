import { REGISTRY_ACTIONS, type RegistryAction, type RepositoryScope } from './principal';
import { isRepositoryName } from './repository-class';

/** `**`, `{repository}/**` or a repository, as `covers` reads them. */
export function isScopePattern(text: string): boolean {
  return text === '**' || isRepositoryName(text.endsWith('/**') ? text.slice(0, -3) : text);
}

function isAction(text: string): text is RegistryAction {
  return REGISTRY_ACTIONS.some((known) => known === text);
}

/** In the order of REGISTRY_ACTIONS, each once; null when one is unknown or none is there. `*` is all. */
function parseActions(text: string): readonly RegistryAction[] | null {
  if (text === '*') return REGISTRY_ACTIONS;
  const given = text.split(',');
  return given.every(isAction) ? REGISTRY_ACTIONS.filter((one) => given.includes(one)) : null;
}

/**
 * Reads a scope as people write it, e.g. `apps/checkout/**:pull,push`.
 *
 * @throws RangeError that says what does not fit
 */
export function parseRepositoryScope(text: string): RepositoryScope {
  const split = text.lastIndexOf(':');
  const repositories = text.slice(0, Math.max(split, 0));
  const actions = parseActions(text.slice(split + 1));
  if (!isScopePattern(repositories)) {
    throw new RangeError(
      `"${text}" does not start with a repository, {prefix}/** or **, such as apps/checkout/**:pull`,
    );
  }
  if (!actions) {
    throw new RangeError(`"${text}" does not end with ${REGISTRY_ACTIONS.join(', ')} or *`);
  }
  return { repositories, actions };
}

export function formatRepositoryScope({ repositories, actions }: RepositoryScope): string {
  return `${repositories}:${actions.join(',')}`;
}
