import { createTestApi } from '../../../support/api-app';
import { describeBaseCatalogue } from '../../../support/contracts/base-catalogue';

describeBaseCatalogue('fake', async () => {
  const api = await createTestApi();
  return {
    catalogue: api.deps.baseCatalogue,
    pin: (svc, digest) => api.pin(svc, { env: 'prod', tag: 'stable' }, digest),
    close: () => api.app.close(),
  };
});
