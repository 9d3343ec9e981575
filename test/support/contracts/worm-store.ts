import { createHash, randomBytes } from 'node:crypto';
import { ReleaseError } from '../../../src/contract/errors';
import { blobKey } from '../../../src/domain/worm/manifest';
import type { WormPut, WormStore } from '../../../src/ports/worm-store';
import { codeOf } from './ledger-builders';

const SOON = '2040-01-01T00:00:00.000Z';
const LATE = '2041-01-01T00:00:00.000Z';

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  await Promise.resolve();
  for (let at = 0; at < bytes.length; at += 70_000) yield bytes.subarray(at, at + 70_000);
}

export function wormPut(bytes: Buffer, over: Partial<WormPut> = {}): WormPut {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const;
  const open = (): Promise<AsyncIterable<Uint8Array>> => Promise.resolve(chunksOf(bytes));
  return { key: blobKey(digest), digest, size: bytes.length, lockUntil: SOON, open, ...over };
}

async function readAll(
  store: WormStore,
  version: { key: string; version: string },
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of await store.read(version)) parts.push(chunk);
  return Buffer.concat(parts);
}

/** What every WORM store must do. */
export function describeWormStoreContract(name: string, open: () => WormStore): void {
  describe(`WORM store contract: ${name}`, () => {
    let store: WormStore;

    beforeEach(() => {
      store = open();
    });

    it.each([
      ['small', 1_000],
      ['as big as a part', 5 * 1024 ** 2],
      ['of several parts', 11 * 1024 ** 2 + 3],
    ])('gives content back whole, and locked: %s', async (_size, bytes) => {
      const content = randomBytes(bytes);

      const stored = await store.put(wormPut(content));

      expect((await readAll(store, stored)).equals(content)).toBe(true);
      expect(await store.lockOf(stored)).toBe(SOON);
    });

    it('keeps what is there, and locks it longer, never shorter', async () => {
      const content = randomBytes(2_000);
      const first = await store.put(wormPut(content, { lockUntil: LATE }));

      const again = await store.put(wormPut(content));
      const locked = await store.lockOf(again);
      await store.lock(first, SOON);

      expect(again).toEqual(first);
      expect(locked).toBe(LATE);
      expect(await store.lockOf(first)).toBe(LATE);
    });

    it('locks for longer when asked to, by a second copy or by itself', async () => {
      const content = randomBytes(2_000);
      const stored = await store.put(wormPut(content, { lockUntil: '2039-01-01T00:00:00.000Z' }));

      await store.put(wormPut(content));
      const byCopy = await store.lockOf(stored);
      await store.lock(stored, LATE);

      expect(byCopy).toBe(SOON);
      expect(await store.lockOf(stored)).toBe(LATE);
    });

    it('makes a version beside the one that is there when told to', async () => {
      const key = 'copies/one/manifest.json';
      const first = await store.put(wormPut(Buffer.from('{"a":1}'), { key, fresh: true }));

      const second = await store.put(wormPut(Buffer.from('{"a":2}'), { key, fresh: true }));

      expect(second.version).not.toBe(first.version);
      expect((await readAll(store, first)).toString()).toBe('{"a":1}');
      expect((await readAll(store, second)).toString()).toBe('{"a":2}');
    });

    it.each([
      ['small', 1_000],
      ['of several parts', 11 * 1024 ** 2],
    ])('refuses what does not hash to its digest: %s', async (_size, bytes) => {
      const { digest, key } = wormPut(randomBytes(bytes));

      const put = store.put({ ...wormPut(randomBytes(bytes)), digest, key });

      expect(await codeOf(put)).toBe('WORM_CORRUPT');
    });

    it('says what the source of the content said', async () => {
      const failing = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
        yield Buffer.from('a');
        await Promise.resolve();
        throw new ReleaseError('REGISTRY_UNAVAILABLE', 'it hung up');
      };

      const put = store.put(
        wormPut(randomBytes(3_000), { open: () => Promise.resolve(failing()) }),
      );

      expect(await codeOf(put)).toBe('REGISTRY_UNAVAILABLE');
    });

    it('takes an object that two store at once', async () => {
      const content = randomBytes(9 * 1024 ** 2);

      const stored = await Promise.all([1, 2, 3].map(() => store.put(wormPut(content))));

      for (const one of stored) expect((await readAll(store, one)).equals(content)).toBe(true);
    });

    it('says that a version is gone which it does not have', async () => {
      const stored = await store.put(wormPut(randomBytes(100)));

      const gone = store.read({ ...stored, key: `${stored.key}00` });

      expect(await codeOf(gone)).toBe('WORM_CORRUPT');
    });

    it('is fit', async () => {
      expect(await codeOf(store.check())).toBe('fulfilled');
    });
  });
}
