import type { Principal } from '../../domain/registry/principal';
import { isRepositoryName } from '../../domain/registry/repository-class';
import { isCaller } from '../auth/caller';
import type { GatewayDependencies } from '../dependencies';
import type { Handler } from '../exchange';
import { refused } from '../http/refused';
import { fetchPage, readPageQuery } from './page';
import { sendList } from './send-list';
import { CatalogPage } from './schema';

/** A token is asked for this list alone, so that it holds no repository: what counts is what its robot may do. */
function mayListAll(principal: Principal): boolean {
  if (!['system', 'custodian', 'observer'].includes(principal.kind)) return false;
  const scopes = isCaller(principal) ? principal.grantable : principal.scopes;
  return scopes.some(
    ({ repositories, actions }) => repositories === '**' && actions.includes('pull'),
  );
}

/** `GET /v2/_catalog`, for those that look after the whole registry. */
export function createCatalogHandler({
  backend,
}: Pick<GatewayDependencies, 'backend'>): Handler<'catalog'> {
  return async ({ query, principal, response, signal }) => {
    if (!mayListAll(principal)) {
      throw refused({
        code: 'DENIED',
        rule: 'catalog',
        message: `${principal.name} may not list all repositories`,
        remedy: 'use an observer with the scope **:pull, or plura reg tags list for one repository',
      });
    }
    const { names, link } = await fetchPage(backend, {
      path: '/v2/_catalog',
      query: readPageQuery(query, isRepositoryName),
      schema: CatalogPage,
      notFound: {
        code: 'UNSUPPORTED',
        rule: 'no-catalog',
        message: 'The registry behind the gateway lists no repositories',
      },
      signal,
    });
    sendList(response, { repositories: names }, link);
  };
}
