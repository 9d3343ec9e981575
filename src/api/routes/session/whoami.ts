import { WhoAmI } from '../../../contract/schema/api-session';
import type { Api } from '../../api';
import { answers } from '../answers';

export function registerWhoAmI(app: Api): void {
  app.get(
    '/v1/whoami',
    {
      config: { permission: 'read' },
      schema: { summary: 'Who the token speaks for', response: answers({ 200: WhoAmI }) },
    },
    ({ actor }) => actor,
  );
}
