import { ReleaseError } from '../../../contract/errors';
import { WormParams, WormRestoreRequest, WormRunAnswer } from '../../../contract/schema/api-worm';
import { classifyRepository, isRepositoryName } from '../../../domain/registry/repository-class';
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
      requireTarget(deps, repository ?? source, source, tags);
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

/** The system puts it there, who may write more than the caller: channels, bases and mirrors have their own ways. */
function requireTarget(
  { policy }: Pick<ApiDependencies, 'policy'>,
  target: string,
  source: string,
  tags: boolean,
): void {
  const { kind } = classifyRepository(target, policy.registry.open);
  if (kind === 'channel' && tags) {
    const remedy = 'leave out tags, then promote it or roll back to it';
    throw refused('tags', `Where ${target} points is not restored`, remedy);
  }
  const isFree = kind === 'app' || kind === 'chart' || kind === 'open';
  if (isRepositoryName(target) && (target === source || isFree)) return;
  const remedy = 'name one that people push to, such as apps/{svc}/{name}';
  throw refused('repository', `Nothing of ${source} is put into "${target}"`, remedy);
}

function refused(field: string, message: string, remedy: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', message, { details: { field, remedy } });
}
