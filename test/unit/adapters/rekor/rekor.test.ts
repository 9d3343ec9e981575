import { createRekorLog } from '../../../../src/adapters/rekor/rekor-log';
import { createRekorWitness } from '../../../../src/adapters/rekor/rekor-witness';
import type { LogRequest } from '../../../../src/ports/signer';
import { createFakeKeyManagement } from '../../../support/fakes/kms';
import { createFakeSigner } from '../../../support/fakes/signer';
import { startHttpScript, type Handler, type HttpScript } from '../../../support/http-script';
import { createOneLeafLog } from '../../../support/one-leaf-log';

const servers: HttpScript[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));
async function serve(handler: Handler): Promise<HttpScript> {
  const server = await startHttpScript(handler);
  servers.push(server);
  return server;
}

async function newRequest(): Promise<LogRequest> {
  const publicKey = await createFakeKeyManagement().publicKey('bases');
  return { digest: Buffer.alloc(32, 1), signature: Buffer.from('signature'), publicKey };
}

describe('the Rekor witness', () => {
  it('sends digest, signature and key, and gives the entry back', async () => {
    const request = await newRequest();
    const entry = await createOneLeafLog().witness.record(request);
    const server = await serve((_request, response) =>
      response.writeHead(201).end(JSON.stringify(entry)),
    );

    const recorded = await createRekorWitness({ url: server.url }).record(request);

    expect(recorded).toEqual(entry);
    const [sent] = server.seen;
    expect(`${sent?.method} ${sent?.path}`).toBe('POST /api/v2/log/entries');
    expect(JSON.parse(sent?.body.toString() ?? '')).toEqual({
      hashedRekordRequestV002: {
        digest: request.digest.toString('base64'),
        signature: {
          content: request.signature.toString('base64'),
          verifier: {
            publicKey: { rawBytes: expect.stringMatching(/^MFkw/) as string },
            keyDetails: 'PKIX_ECDSA_P256_SHA_256',
          },
        },
      },
    });
  });

  it('reads the zero that protobuf leaves out of the first entry', async () => {
    const request = await newRequest();
    const entry = (await createOneLeafLog().witness.record(request)) as Record<string, unknown>;
    const { logIndex, integratedTime, ...rest } = entry;
    const server = await serve((_request, response) => response.end(JSON.stringify(rest)));

    const recorded = await createRekorWitness({ url: server.url }).record(request);

    expect(recorded).toMatchObject({ logIndex, integratedTime });
  });

  it.each<[string, Handler]>([
    ['is overloaded', (_request, response) => response.writeHead(503).end('busy')],
    [
      'refuses',
      (_request, response) => response.writeHead(400).end('invalid hashedrekord request'),
    ],
    ['is frozen', (_request, response) => response.writeHead(405).end()],
    ['answers no JSON', (_request, response) => response.end('<html>')],
    ['answers another shape', (_request, response) => response.end('{"logIndex":"1"}')],
    ['answers without end', (_request, response) => response.end(Buffer.alloc(2_000_000, 'a'))],
    ['says nothing', () => undefined],
    ['points elsewhere', (_request, response) => response.writeHead(307, { location: '/x' }).end()],
  ])('calls a log unavailable that %s', async (_case, handler) => {
    const server = await serve(handler);
    const witness = createRekorWitness({ url: server.url, timeoutMs: 200 });

    await expect(witness.record(await newRequest())).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
    });
  });
});

describe('the Rekor log', () => {
  it('is down when nobody listens', async () => {
    const server = await startHttpScript((_request, response) => response.end());
    await server.stop();
    const log = createRekorLog({ url: server.url, signer: createFakeSigner() });

    await expect(log.ping()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  });

  it('does not take a bundle without a proof for an entry', async () => {
    const log = createRekorLog({ url: 'http://127.0.0.1:1', signer: createFakeSigner() });
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: 'a'.repeat(64) } }],
      predicateType: 'https://example.invalid/pin/v1',
      predicate: {},
    } as const;

    await expect(log.append('bases', statement)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  });
});
