import { BaseLint, BaseLintRequest } from '../../../contract/schema/api-base-lint';
import { imageReference } from '../../../domain/reference';
import type { Api } from '../../api';
import { judgeDockerfile } from '../../checks/dockerfile';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

/** JSON writes some characters as six. */
const BODY_LIMIT_BYTES = 1024 * 1024;

export function registerLintBases(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/bases/lint',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      config: { permission: 'read' },
      schema: {
        summary: 'What a build would make of a Dockerfile: its images, pins and faults',
        body: BaseLintRequest,
        response: answers({ 200: BaseLint }),
      },
    },
    async ({ body }): Promise<BaseLint> => {
      const { stages, finalUser, images, refusals } = await judgeDockerfile(deps, body.dockerfile);
      return {
        accepted: refusals.length === 0,
        stages: stages.length,
        user: finalUser,
        images: images.map(({ name, lines, pinned, signed, refusal }) => ({
          name,
          lines,
          pinned: pinned && imageReference(pinned),
          signed,
          accepted: refusal === null,
        })),
        refusals: refusals.map(({ line = null, ...one }) => ({ ...one, line })),
      };
    },
  );
}
