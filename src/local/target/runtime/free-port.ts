import { createServer, type AddressInfo } from 'node:net';

/** A port on 127.0.0.1 that is free now. `taken` are given away already but may not be listened on yet. */
export async function findFreePort(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = await askForPort();
    if (!taken.has(port)) {
      return port;
    }
  }
}

function askForPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
