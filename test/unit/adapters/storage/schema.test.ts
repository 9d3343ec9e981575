import { hash } from 'node:crypto';
import fc from 'fast-check';
import {
  parseLayoutIndex,
  parseStoredManifest,
  Unreadable,
} from '../../../../src/adapters/storage/schema';
import type { Digest } from '../../../../src/domain/digest';

const OCI = 'application/vnd.oci.image.manifest.v1+json';
const HEX = 'a'.repeat(64);
const blob = { mediaType: 'text/plain', digest: `sha256:${HEX}`, size: 5 };

function parse(value: unknown): ReturnType<typeof parseStoredManifest> {
  const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return parseStoredManifest(bytes, `sha256:${hash('sha256', bytes)}`);
}

describe('parseStoredManifest', () => {
  it('reads what a manifest names', () => {
    const facts = parse({
      ...{ schemaVersion: 2, mediaType: OCI, artifactType: 'application/x' },
      ...{ config: blob, layers: [blob], subject: blob },
    });

    expect(facts).toMatchObject({
      ...{ kind: 'manifest', mediaType: OCI, artifactType: 'application/x', config: blob },
      ...{ layers: [blob], children: [], subject: blob.digest },
    });
  });

  it('tells an index without a media type by its manifests', () => {
    const facts = parse({ schemaVersion: 2, manifests: [{ ...blob, platform: { os: 'linux' } }] });

    expect(facts).toMatchObject({ kind: 'index', children: [blob] });
  });

  it.each([
    ['what is not JSON', 'not json', 'not JSON'],
    ['a list', [], 'no OCI or Docker manifest'],
    ['the first schema of Docker', { schemaVersion: 1, fsLayers: [] }, 'no OCI or Docker manifest'],
    ['another kind of digest', { schemaVersion: 2, config: { ...blob, digest: 'sha512:a' } }, 'no'],
    ['a size below 0', { schemaVersion: 2, layers: [{ ...blob, size: -1 }] }, 'no OCI'],
    ['a type that nobody knows', { schemaVersion: 2, mediaType: 'text/html' }, 'media type'],
    ['children that Go sees and we would not', { schemaVersion: 2, Manifests: [] }, 'two ways'],
    ['the same by a long s', { schemaVersion: 2, manifeſts: [] }, 'two ways'],
    [
      'a digest that Go would take instead',
      { schemaVersion: 2, layers: [{ ...blob, Digest: `sha256:${'b'.repeat(64)}` }] },
      'two ways',
    ],
  ])('refuses %s', (_name, value, why) => {
    expect(() => parse(value)).toThrow(why);
    expect(() => parse(value)).toThrow(Unreadable);
  });

  it('refuses what is nested so deep that looking through it would end the scan', () => {
    const deep = `{"schemaVersion":2,"x":${'['.repeat(500_000)}${']'.repeat(500_000)}}`;

    expect(() => parse(deep)).toThrow(Unreadable);
  });

  it('refuses bytes of another digest', () => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2 }));

    expect(() => parseStoredManifest(bytes, `sha256:${HEX}`)).toThrow('damaged');
  });

  it('throws nothing but Unreadable, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const bytes = Buffer.from(text);
        const digest: Digest = `sha256:${hash('sha256', bytes)}`;
        try {
          parseStoredManifest(bytes, digest);
        } catch (error) {
          expect(error).toBeInstanceOf(Unreadable);
        }
      }),
    );
  });
});

describe('parseLayoutIndex', () => {
  it('reads tags and what has none, and marks what it can not read', () => {
    const tagged = { ...blob, annotations: { 'org.opencontainers.image.ref.name': '1.0' } };
    const index = { schemaVersion: 2, manifests: [tagged, blob, { digest: 'x' }] };

    const entries = parseLayoutIndex(Buffer.from(JSON.stringify(index)));

    expect(entries).toEqual([{ ...blob, tag: '1.0' }, { ...blob, tag: null }, null]);
  });

  it('refuses what is no index', () => {
    expect(() => parseLayoutIndex(Buffer.from('{"manifests":{}}'))).toThrow(Unreadable);
  });
});
