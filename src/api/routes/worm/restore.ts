import { ReleaseError } from '../../../contract/errors';
import { WormParams, WormRestoreRequest, WormRunAnswer } from '../../../contract/schema/api-worm';
import { isRepositoryName } from '../../../domain/registry/repository-class';
import { serviceOfRepository } from '../../allow/service-of-repository';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { getSealedCopy } from '../../worm/copies';
import { answers, MutationHeaders } from '../answers';

export function registerRestoreWormCopy(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/incident-copies/:id/restore',
    {
      config: { permission: 'restoreCopies' },
      schema: {
        summary: 'Put an incident copy back into the registry, by digest',
        params: WormParams,
        headers: MutationHeaders,
        body: WormRestoreRequest,
        response: answers({ 202: WormRunAnswer }),
      },
    },
    async (request, reply) => {
      const { id, repository: source } = await getSealedCopy(deps, request.params.id);
      const { repository = null, tags } = request.body;
      if (repository !== null && !isRepositoryName(repository)) {
        throw new ReleaseError('INVALID_INPUT', `"${repository}" is not a repository`, {
          details: { field: 'repository', remedy: 'name it as it is pushed to: apps/{svc}/{name}' },
        });
      }
      await audit(deps, request, {
        action: 'worm.restore',
        svc: serviceOfRepository(repository ?? source),
        subject: id,
        details: { repository: repository ?? source, tags },
      });
      const by = request.actor.subject;
      const order = { id, repository, tags, by, at: deps.now().toISOString() };
      const run = await deps.orchestrator.worm.restore(order);
      return reply.code(202).send({ id, ...run });
    },
  );
}
