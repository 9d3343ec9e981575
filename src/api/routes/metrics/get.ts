import { MetricsAnswer, MetricsQuery } from '../../../contract/schema/api-metrics';
import { answerMetrics } from '../../accounting/answer-metrics';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerGetMetrics(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/metrics',
    {
      config: { permission: 'read' },
      schema: {
        summary: "The standard's metrics with their targets, and what is stored by whom",
        querystring: MetricsQuery,
        response: answers({ 200: MetricsAnswer }),
      },
    },
    async ({ query }) => answerMetrics(deps, query),
  );
}
