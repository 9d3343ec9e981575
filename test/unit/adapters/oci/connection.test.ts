import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { connectionTo } from '../../../../src/adapters/oci/connection';
import { ensureSelfMadePair } from '../../../../src/admission/tls/self-made';

it('offers a server HTTP/1.1 alone: over HTTP/2 a body that breaks off stops the process', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plura-tls-'));
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await ensureSelfMadePair({ certFile, keyFile }, ['127.0.0.1'], new Date());
  const offered: string[] = [];
  const server = createServer({
    cert: await readFile(certFile),
    key: await readFile(keyFile),
    ALPNCallback: ({ protocols }) => {
      offered.push(...protocols);
      return protocols[0];
    },
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  // Its certificate is nobody's: the answer is not what is looked at.
  const { registry, ask } = connectionTo(url);
  const { signal } = new AbortController();
  await ask(registry, { method: 'GET', headers: {}, signal }).catch(() => undefined);
  server.close();
  await rm(folder, { recursive: true, force: true });

  expect(offered).toEqual(['http/1.1']);
});
