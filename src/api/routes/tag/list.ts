import { TagList, TagListQuery } from '../../../contract/schema/api-tag';
import type { Api } from '../../api';
import { requireRepository } from '../../checks/require-repository';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';
import { readBlocks, viewBlock } from '../quarantine/blocks';

export function registerListTags(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/tags',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Tags of a repository by name, quarantined ones too',
        querystring: TagListQuery,
        response: answers({ 200: TagList }),
      },
    },
    async ({ query }) => {
      const { repository, after, limit } = query;
      // One more than asked for says whether there is a next page.
      const page = { limit: limit + 1, ...(after !== undefined && { after }) };
      const [found, blocks] = await Promise.all([
        deps.inventory.listTags(repository, page),
        readBlocks(deps),
      ]);
      if (found.length === 0) await requireRepository(deps, repository, 'repository');
      const tags = found.slice(0, limit);
      const now = deps.now();
      return {
        repository,
        tags: tags.map((one) => ({ ...one, block: viewBlock(blocks, one.digest, now) })),
        next: found.length > limit ? (tags.at(-1)?.tag ?? null) : null,
      };
    },
  );
}
