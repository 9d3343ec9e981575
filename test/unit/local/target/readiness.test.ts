import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitUntilReady } from '../../../../src/local/target/runtime/readiness';

describe('waitUntilReady', () => {
  let server: Server;
  let asked = 0;

  beforeEach(async () => {
    asked = 0;
    server = createServer((_request, answer) => {
      asked += 1;
      // The second probe is never answered: the deadline cuts it short.
      if (asked === 1) answer.writeHead(500).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('tells the last answer that came, not that the time was up while it waited for another', async () => {
    const { port } = server.address() as AddressInfo;

    const problem = await waitUntilReady({
      ...{ port, path: '/healthz', timeoutMs: 1_000 },
      isRunning: () => Promise.resolve(true),
    });

    expect(asked).toBe(2);
    expect(problem).toBe('not ready after 1000 ms: GET /healthz answered 500');
  });
});
