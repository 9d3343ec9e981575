import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { describeRegistryContract } from '../support/contracts/registry';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';

let server: RegistryServer;
beforeAll(async () => {
  server = await startRegistry();
}, 30_000);
afterAll(() => server.stop());

describeRegistryContract('the OCI registry client on distribution', () => ({
  registry: createOciRegistry({ url: server.url }),
  pushImage: (input) => pushTestImage(server.url, input),
}));
