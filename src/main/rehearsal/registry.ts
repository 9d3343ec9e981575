import { once } from 'node:events';
import { createServer } from 'node:http';
import type { EvidenceBody } from '../../contract/schema/evidence';

export interface RehearsalRegistry {
  readonly url: string;
  close(): void;
}

/** On the loopback interface, so that the client's own code is rehearsed too; it knows evidence by digest, and nothing else. */
export async function startRehearsalRegistry(
  evidence: ReadonlyMap<string, EvidenceBody>,
): Promise<RehearsalRegistry> {
  const bodies = new Map(
    [...evidence].map(([digest, body]) => [digest, Buffer.from(JSON.stringify(body))]),
  );
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const body = bodies.get(path.slice(path.lastIndexOf('/') + 1));
    response.writeHead(body ? 200 : 404, { 'content-length': body?.length ?? 0 }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
