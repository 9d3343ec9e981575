import { ReleaseError } from '../../../contract/errors';
import { NotesAnswer, ReleaseParams } from '../../../contract/schema/api-release';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { findRelease } from '../../release/find-release';
import { answers } from '../answers';

export function registerNotes(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/releases/:svc/:tag/notes',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Release notes, Markdown',
        params: ReleaseParams,
        response: answers({ 200: NotesAnswer }),
      },
    },
    async ({ params }) => {
      const { releaseId } = await findRelease(deps, params);
      const notes = await deps.ledger.getDocument('release-notes', releaseId);
      if (notes !== null) return { releaseId, notes };
      throw new ReleaseError('RELEASE_NOT_FOUND', `${releaseId} has no release notes`, {
        details: { field: 'tag', remedy: 'notes are written when a release reaches prod:stable' },
      });
    },
  );
}
