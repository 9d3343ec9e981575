import { createOciRegistryCatalog } from '../../src/adapters/oci/registry-catalog';
import { describeRegistryCatalogContract } from '../support/contracts/registry-catalog';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';

let server: RegistryServer;
beforeAll(async () => {
  server = await startRegistry();
}, 30_000);
afterAll(() => server.stop());

describeRegistryCatalogContract('the OCI registry catalog on distribution', () => ({
  catalog: createOciRegistryCatalog({ url: server.url, requestsPerSecond: 1000 }),
  push: (input) => pushTestImage(server.url, input),
}));
