import { sha256 } from '../../../../src/adapters/oci/schema';
import type { DescriptorFacts } from '../../../../src/domain/registry/manifest-facts';
import { Refused } from '../../../../src/gateway/http/refused';
import { readBlob } from '../../../../src/gateway/manifests/push/read-blob';
import { startHttpScript, type HttpScript } from '../../../support/http-script';
import { answerOf, createMemoryBackend, type MemoryAnswer } from './memory-backend';
import { APP } from './pushed';

const BLOB = Buffer.from('{"config":{}}');
const NAMED: DescriptorFacts = { mediaType: 'a/b', digest: sha256(BLOB), size: BLOB.length };

let store: HttpScript;
let stored: Buffer;
let status: number;

beforeAll(async () => {
  store = await startHttpScript((_request, response) => {
    response.writeHead(status, status === 302 ? { location: '/again' } : {}).end(stored);
  });
});
afterAll(() => store.stop());
beforeEach(() => {
  status = 200;
  stored = BLOB;
});

function read(answer?: MemoryAnswer, named = NAMED): Promise<Buffer> {
  const backend = createMemoryBackend();
  backend.addBlob(APP, BLOB);
  backend.before = () => answer ?? 'as usual';
  return readBlob(backend, APP, named, new AbortController().signal);
}

async function statusOf(reading: Promise<Buffer>): Promise<number> {
  const error: unknown = await reading.catch((thrown: unknown) => thrown);
  if (!(error instanceof Refused)) throw error;
  return error.status;
}

describe('readBlob', () => {
  it('reads what is named', async () => {
    expect(await read()).toEqual(BLOB);
  });

  it('follows a registry that keeps its blobs elsewhere', async () => {
    for (const code of [302, 307]) {
      expect(await read(answerOf(code, { location: `${store.url}/blob` }))).toEqual(BLOB);
    }
    expect(store.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('believes neither registry nor store, but the digest', async () => {
    stored = Buffer.from('{"config":1}x');
    expect(stored).toHaveLength(BLOB.length);

    expect(await statusOf(read(answerOf(307, { location: store.url })))).toBe(400);
    expect(await statusOf(read(answerOf(200, {}, stored)))).toBe(400);
  });

  it('gives up on a store that is broken, leads on, or never stops', async () => {
    const redirect = answerOf(307, { location: store.url });

    status = 500;
    expect(await statusOf(read(redirect))).toBe(502);
    status = 302;
    expect(await statusOf(read(redirect))).toBe(502);
    status = 200;
    stored = Buffer.alloc(5 * 1024 * 1024);
    expect(await statusOf(read(redirect))).toBe(502);
    expect(await statusOf(read(answerOf(307)))).toBe(502);
  });

  it('asks for nothing that is too large to begin with', async () => {
    expect(await statusOf(read(undefined, { ...NAMED, size: 5 * 1024 * 1024 }))).toBe(400);
  });

  it('tells a blob that is not there from a registry that is not there', async () => {
    expect(await statusOf(read(answerOf(404)))).toBe(404);
    expect(await statusOf(read(answerOf(503)))).toBe(503);
  });
});
