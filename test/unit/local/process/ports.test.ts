import { once } from 'node:events';
import { createServer } from 'node:net';
import { assertPortsFree, findFreePort, freePorts } from '../../../../src/local/process/ports';

async function listenOn(port: number): Promise<() => Promise<unknown>> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return async () => {
    server.close();
    await once(server, 'close');
  };
}

describe('free ports', () => {
  it('are different, and none that the system gives to somebody else meanwhile', async () => {
    const ports = await freePorts(50);

    expect(new Set(ports).size).toBe(50);
    expect(Math.min(...ports)).toBeGreaterThan(1024);
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });

  it('can be listened on', async () => {
    const port = await findFreePort();

    const close = await listenOn(port);
    const refused = assertPortsFree([{ part: 'issuer', port }]);

    await expect(refused).rejects.toThrow(`Port ${port}, needed by issuer, is in use.`);
    await close();
  });
});
