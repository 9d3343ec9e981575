import { QuarantineParams, QuarantineView } from '../../../contract/schema/api-quarantine';
import type { Api } from '../../api';
import { parseDigestInput } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';
import { readBlocks, viewBlock } from './blocks';

export function registerGetQuarantine(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/quarantine/:digest',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Whether a digest may be pulled, why not, and where it is',
        params: QuarantineParams,
        response: answers({ 200: QuarantineView }),
      },
    },
    async ({ params }) => {
      const digest = parseDigestInput(params.digest, 'digest');
      const [entry, places, blocks] = await Promise.all([
        deps.quarantine.get(digest),
        deps.quarantine.places(digest),
        readBlocks(deps),
      ]);
      return { digest, entry, block: viewBlock(blocks, digest, deps.now()), places };
    },
  );
}
