import { ReleaseError } from '../../../contract/errors';
import { WormExport, WormParams } from '../../../contract/schema/api-worm';
import { serviceOfRepository } from '../../allow/service-of-repository';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { getSealedCopy } from '../../worm/copies';
import { answers } from '../answers';
import { exportCopy } from '../../worm/export';
import { readCopyFile } from '../../worm/read-copy';

/** Of many gigabytes over a slow line. */
const LONGEST_MS = 86_400_000;

export function registerExportWormCopy(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/incident-copies/:id/export',
    {
      handlerTimeout: LONGEST_MS,
      config: { permission: 'exportCopies' },
      schema: {
        summary: 'An incident copy with its evidence, as a tar of an OCI image layout',
        params: WormParams,
        produces: ['application/x-tar'],
        response: answers({ 200: WormExport }),
      },
    },
    async (request, reply) => {
      const copy = await getSealedCopy(deps, request.params.id);
      const { id, digest, repository, manifest } = copy;
      if (!manifest) throw new ReleaseError('COPY_INCOMPLETE', `The copy ${id} is not complete`);
      const file = await readCopyFile(deps.worm, manifest);
      // Before it is shown.
      const svc = serviceOfRepository(repository);
      await audit(deps, request, { action: 'worm.export', svc, subject: digest, details: { id } });
      void reply
        .header('content-type', 'application/x-tar')
        .header('content-disposition', `attachment; filename="incident-${id}.tar"`);
      return reply.send(exportCopy(deps.worm, file));
    },
  );
}
