import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOciContent } from '../../src/adapters/oci/content';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { sha256 } from '../../src/adapters/oci/schema';
import type { Digest } from '../../src/domain/digest';
import { pushTestImage, startRegistry } from './registry-server';

/** A vendor: a real registry without login, and a store of GPG signatures beside it. */
export interface VendorServer {
  /** `host:port`. */
  readonly host: string;
  readonly storeUrl: string;
  /** By path below the store. */
  readonly store: Map<string, Buffer>;
  publish(repository: string, tag: string, layer?: string): Promise<Digest>;
  putBlob(repository: string, bytes: Buffer): Promise<void>;
  putManifest(repository: string, bytes: Buffer, mediaType: string, tag?: string): Promise<void>;
  stop(): Promise<void>;
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  await Promise.resolve();
  yield bytes;
}

export async function startVendor(): Promise<VendorServer> {
  const server = await startRegistry();
  const registry = createOciRegistry({ url: server.url });
  const content = createOciContent({ read: { url: server.url }, write: { url: server.url } });
  const store = new Map<string, Buffer>();
  const files = createServer(({ url = '' }, response) => {
    const file = store.get(url.replace(/^\/store\//, ''));
    response.writeHead(file ? 200 : 404).end(file);
  }).listen(0, '127.0.0.1');
  await once(files, 'listening');
  const { port } = files.address() as AddressInfo;
  return {
    host: server.host,
    storeUrl: `http://127.0.0.1:${port}/store`,
    store,
    publish: async (repository, tag, layer = tag) => {
      const digest = await pushTestImage(server.url, {
        ...{ repository, index: true, layers: [Buffer.from(layer)] },
        labels: { 'org.opencontainers.image.version': tag },
      });
      await registry.putTag({ repository, digest }, tag);
      return digest;
    },
    putBlob: (repository, bytes) =>
      content.pushBlob({ repository, digest: sha256(bytes) }, chunksOf(bytes)),
    putManifest: (repository, bytes, mediaType, tag) =>
      content.pushManifest(repository, { bytes, mediaType }, tag),
    stop: async () => {
      files.close();
      await server.stop();
    },
  };
}
