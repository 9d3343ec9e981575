import { createHash } from 'node:crypto';
import { ReleaseError } from '../../../src/contract/errors';
import type { WormVersion } from '../../../src/domain/worm/manifest';
import type { WormStore } from '../../../src/ports/worm-store';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeWormStore extends WormStore, CallFaults {
  /** What S3 can't do to what is locked: puts other bytes in its place, of that size. */
  spoil(version: WormVersion, size?: number): void;
}

interface Stored {
  readonly key: string;
  readonly bytes: Buffer;
  lockUntil: string;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const idOf = ({ key, version }: WormVersion): string => `${key}#${version}`;

/** Versions in memory, locked as the port says. */
export function createFakeWormStore(): FakeWormStore {
  const versions = new Map<string, Stored>();

  function get(version: WormVersion): Stored {
    const stored = versions.get(idOf(version));
    if (!stored) throw new ReleaseError('WORM_CORRUPT', `${version.key} is gone`);
    return stored;
  }

  function newest(key: string, size: number): WormVersion | null {
    const [last] = [...versions].filter(([, one]) => one.key === key).slice(-1);
    if (last?.[1].bytes.length !== size) return null;
    return { key, version: last[0].slice(key.length + 1) };
  }

  const lengthen = (version: WormVersion, until: string): void => {
    const stored = get(version);
    if (Date.parse(stored.lockUntil) < Date.parse(until)) stored.lockUntil = until;
  };

  const store: WormStore = {
    check: () => Promise.resolve(),
    put: async ({ key, digest, size, lockUntil, open, fresh = false }) => {
      const before = fresh ? null : newest(key, size);
      if (before) {
        lengthen(before, lockUntil);
        return before;
      }
      const bytes = await collect(await open());
      if (`sha256:${createHash('sha256').update(bytes).digest('hex')}` !== digest) {
        throw new ReleaseError('WORM_CORRUPT', `${key}: the bytes do not hash to the digest`);
      }
      const version = { key, version: `v${versions.size + 1}` };
      versions.set(idOf(version), { key, bytes, lockUntil });
      return version;
    },
    read: (version) => {
      const { bytes } = get(version);
      return Promise.resolve(
        (async function* () {
          await Promise.resolve();
          yield bytes;
        })(),
      );
    },
    lockOf: (version) => Promise.resolve(new Date(get(version).lockUntil).toISOString()),
    lock: (version, until) => {
      lengthen(version, until);
      return Promise.resolve();
    },
  };
  const fake = {
    ...store,
    spoil: (version: WormVersion, size = 6) => {
      const stored = get(version);
      versions.set(idOf(version), { ...stored, bytes: Buffer.alloc(size, 'x') });
    },
  };
  return withCallFaults(fake);
}
