import { ReleaseError } from '../../../contract/errors';
import { TagParams, TagQuery, TagView } from '../../../contract/schema/api-tag';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';
import { readBlocks, viewBlock } from '../quarantine/blocks';

export function registerGetTag(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/tags/:tag',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Who wrote a tag and when, what it points at, whether it may be pulled',
        params: TagParams,
        querystring: TagQuery,
        response: answers({ 200: TagView }),
      },
    },
    async ({ params: { tag }, query: { repository } }) => {
      const found = await deps.inventory.getTag(repository, tag);
      if (!found) {
        throw new ReleaseError('TAG_NOT_FOUND', `${repository} has no tag ${tag}`, {
          details: { field: 'tag', remedy: `see what it has: plura reg tags list ${repository}` },
        });
      }
      return { ...found, block: viewBlock(await readBlocks(deps), found.digest, deps.now()) };
    },
  );
}
