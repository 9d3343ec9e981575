import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unixUrl } from '../../src/contract/backend-address';

export interface UnixServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** An HTTP server on a Unix socket. */
export async function serveOnSocket(listener: RequestListener): Promise<UnixServer> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-socket-'));
  const socket = join(folder, 'registry.sock');
  const server = createServer(listener).listen(socket);
  await once(server, 'listening');
  return {
    url: unixUrl(socket),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
