import { WhatIfAnswer, WhatIfRequest } from '../../../contract/schema/api-verdict';
import type { Api } from '../../api';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answerWhatIf } from '../../verdict/what-if';
import { answers } from '../answers';

/** A POST because rules are too long for a URL; it changes nothing. */
export function registerWhatIf(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/verdicts/what-if',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Judge stored releases again by other rules',
        body: WhatIfRequest,
        response: answers({ 200: WhatIfAnswer }),
      },
    },
    async ({ body }) => {
      if (body.svc !== undefined) findService(deps.catalog, body.svc);
      return answerWhatIf(deps, body);
    },
  );
}
