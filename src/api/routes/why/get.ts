import { WhyQuery, WhyView } from '../../../contract/schema/api-allow';
import { explainImage } from '../../allow/explain-image';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerWhy(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/why',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Whether an image may run in a namespace, with the whole chain of reasons',
        querystring: WhyQuery,
        response: answers({ 200: WhyView }),
      },
    },
    async ({ query: { image, namespace } }) => explainImage(deps, image, namespace),
  );
}
