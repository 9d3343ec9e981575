import {
  BaseFamilyParams,
  BaseImportRequest,
  BaseImportStarted,
  BaseImportView,
} from '../../../contract/schema/api-base';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';
import { requireFamily } from './family';

export function registerImportBase(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/bases/imports',
    {
      config: { permission: 'importBases' },
      schema: {
        summary: 'Import what the vendor of a family offers by now, verified and signed',
        headers: MutationHeaders,
        body: BaseImportRequest,
        response: answers({ 202: BaseImportStarted }),
      },
    },
    async (request, reply) => {
      const { allowOlder } = request.body;
      const family = requireFamily(deps, request.body.family);
      const { scan, signing } = deps.policy;
      const answer = await deps.orchestrator.baseImports.start({
        ...{ family, scan, allowOlder },
        transparencyLog: signing.transparencyLog,
        requestedBy: request.actor.subject,
      });
      if (answer.started) {
        await audit(deps, request, {
          action: 'base.import',
          svc: NO_SERVICE,
          subject: family.name,
          details: { allowOlder },
        });
      }
      return reply.code(202).send(answer);
    },
  );
}

export function registerGetBaseImport(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/bases/imports/:family',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'How far the import of a family is that was asked for last',
        params: BaseFamilyParams,
        response: answers({ 200: BaseImportView }),
      },
    },
    async ({ params: { family } }) => ({
      import: await deps.orchestrator.baseImports.state(requireFamily(deps, family).name),
    }),
  );
}
