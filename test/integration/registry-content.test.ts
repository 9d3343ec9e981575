import { createOciContent } from '../../src/adapters/oci/content';
import { describeRegistryContent } from '../support/contracts/registry-content';
import { startRegistry, type RegistryServer } from '../support/registry-server';

let server: RegistryServer;
beforeAll(async () => {
  server = await startRegistry();
}, 30_000);
afterAll(() => server.stop());

describeRegistryContent('distribution', () =>
  createOciContent({ read: { url: server.url }, write: { url: server.url } }),
);
