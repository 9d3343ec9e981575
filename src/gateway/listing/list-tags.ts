import { isTag } from '../../domain/registry/tag-rules';
import type { GatewayDependencies } from '../dependencies';
import type { Handler } from '../exchange';
import { createHiddenTags, type HiddenTagsDependencies } from './hidden-tags';
import { fetchPage, readPageQuery } from './page';
import { sendList } from './send-list';
import { TagPage } from './schema';

type ListingDependencies = HiddenTagsDependencies & Pick<GatewayDependencies, 'backend'>;

/**
 * Tags of a repository (distribution-spec, "Listing Tags") without those that point at a quarantined digest. A page may
 * so be shorter than `n`; its `Link` is the registry's, and the spec lets a client end only where there is none.
 */
export function createTagsHandler(deps: ListingDependencies): Handler<'tags'> {
  const hiddenTags = createHiddenTags(deps);
  return async ({ route, query, response, signal }) => {
    const { repository } = route;
    const request = {
      path: `/v2/${repository}/tags/list`,
      query: readPageQuery(query, isTag),
      schema: TagPage,
      notFound: {
        code: 'NAME_UNKNOWN',
        rule: 'repository-unknown',
        message: `There is no repository ${repository}`,
      },
      signal,
    } as const;
    const { names, link } = await fetchPage(deps.backend, request);
    const hidden = await hiddenTags.of(repository);
    const shown = hidden.size === 0 ? names : names.filter((tag) => !hidden.has(tag));
    sendList(response, { name: repository, tags: shown }, link);
  };
}
