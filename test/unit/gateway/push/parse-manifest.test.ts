import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import { sha256 } from '../../../../src/adapters/oci/schema';
import { Refused } from '../../../../src/gateway/http/refused';
import { parseManifest } from '../../../../src/gateway/manifests/push/parse-manifest';
import {
  bytesOf,
  CONFIG,
  descriptorOf,
  indexJson,
  LAYER,
  manifestJson,
} from '../../../support/fuzz/artifact';

const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

function ruleFor(json: unknown, contentType: string | undefined = OCI_MANIFEST): string {
  const bytes = Buffer.isBuffer(json) ? json : bytesOf(json);
  try {
    parseManifest(bytes, contentType);
    return 'taken';
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    expect(error.status).toBe(400);
    return error.refusal.rule;
  }
}

const good = manifestJson();
const child = descriptorOf(OCI_MANIFEST, bytesOf(good));

describe('parseManifest', () => {
  it('reads an image manifest', () => {
    const subject = descriptorOf(OCI_MANIFEST, Buffer.from('subject'));
    const bytes = bytesOf({ ...good, artifactType: 'a/b', subject, annotations: { a: '1' } });

    expect(parseManifest(bytes, `${OCI_MANIFEST}; charset=utf-8`)).toEqual({
      kind: 'manifest',
      mediaType: OCI_MANIFEST,
      digest: sha256(bytes),
      size: bytes.length,
      artifactType: 'a/b',
      config: descriptorOf('application/vnd.oci.image.config.v1+json', CONFIG),
      layers: [descriptorOf('application/vnd.oci.image.layer.v1.tar+gzip', LAYER)],
      children: [],
      subject: subject.digest,
      annotations: { a: '1' },
    });
  });

  it('reads an index, an empty one and one with null for a list too', () => {
    expect(parseManifest(bytesOf(indexJson([child])), OCI_INDEX)).toMatchObject({
      kind: 'index',
      config: null,
      children: [child],
    });
    expect(parseManifest(bytesOf(indexJson([])), OCI_INDEX).children).toEqual([]);
    expect(
      parseManifest(bytesOf({ schemaVersion: 2, manifests: null }), OCI_INDEX).children,
    ).toEqual([]);
  });

  it('reads what Docker writes', () => {
    expect(ruleFor({ ...good, mediaType: DOCKER_MANIFEST }, DOCKER_MANIFEST)).toBe('taken');
    expect(ruleFor({ ...indexJson([child]), mediaType: DOCKER_LIST }, DOCKER_LIST)).toBe('taken');
  });

  it('goes by Content-Type where the manifest has none, and takes an empty artifactType for none', () => {
    const untyped = { ...good, mediaType: undefined };

    expect(ruleFor(untyped)).toBe('taken');
    expect(
      parseManifest(bytesOf({ ...good, artifactType: '' }), OCI_MANIFEST).artifactType,
    ).toBeNull();
  });

  it.each([
    undefined,
    '',
    'application/json',
    'text/plain',
    `${OCI_MANIFEST}, ${OCI_INDEX}`,
    'constructor',
  ])('refuses the Content-Type %j', (contentType) => {
    expect(ruleFor(bytesOf(good), contentType === undefined ? '' : contentType)).toBe('media-type');
  });

  it('refuses Docker schema 1, signed or not', () => {
    const type = 'application/vnd.docker.distribution.manifest.v1+';

    expect(ruleFor(good, `${type}json`)).toBe('docker-schema1');
    expect(ruleFor(good, `${type}prettyjws`)).toBe('docker-schema1');
  });

  it('refuses a manifest that says it is something else than Content-Type does', () => {
    expect(ruleFor(good, DOCKER_MANIFEST)).toBe('media-type');
    expect(ruleFor(indexJson([]), OCI_MANIFEST)).toBe('media-type');
    expect(ruleFor({ ...good, mediaType: 7 })).toBe('media-type');
    expect(ruleFor({ ...good, mediaType: null })).toBe('media-type');
  });

  it('refuses what could be read as manifest and index (CVE-2021-41190)', () => {
    expect(ruleFor({ ...good, manifests: [] })).toBe('manifest-confusion');
    expect(ruleFor({ ...good, fsLayers: [] })).toBe('manifest-confusion');
    expect(ruleFor({ ...indexJson([]), layers: [] }, OCI_INDEX)).toBe('manifest-confusion');
    expect(ruleFor({ ...indexJson([]), config: child }, OCI_INDEX)).toBe('manifest-confusion');
  });

  it.each([null, [], 'text', 7, true])('refuses %j, which is no object', (json) => {
    expect(ruleFor(json)).toBe('manifest-json');
  });

  it.each([
    ['the schema version', { schemaVersion: 1 }],
    ['a schema version in text', { schemaVersion: '2' }],
    ['no config', { config: undefined }],
    ['config', { config: { ...child, digest: 'md5:1' } }],
    ['a digest in capitals', { config: { ...child, digest: `sha256:${'A'.repeat(64)}` } }],
    ['a size below nothing', { layers: [{ ...child, size: -1 }] }],
    ['half a byte', { layers: [{ ...child, size: 0.5 }] }],
    ['a size in text', { layers: [{ ...child, size: '1' }] }],
    ['a layer of no type', { layers: [{ ...child, mediaType: undefined }] }],
    ['a layer of a strange type', { layers: [{ ...child, mediaType: 'a\r\nb/c' }] }],
    ['layers', { layers: {} }],
    ['too many layers', { layers: Array.from({ length: 1001 }, () => child) }],
    ['a subject', { subject: 'sha256:1' }],
    ['annotations', { annotations: { a: 1 } }],
  ])('refuses a wrong shape: %s', (_name, change) => {
    expect(ruleFor({ ...good, ...change })).toBe('manifest-shape');
  });

  it('bounds the children of an index', () => {
    expect(ruleFor(indexJson(Array.from({ length: 2001 }, () => child)), OCI_INDEX)).toBe(
      'manifest-shape',
    );
  });

  it('refuses embedded data that is not what the descriptor names', () => {
    const bytes = Buffer.from('data');
    const embedded = { ...descriptorOf('text/plain', bytes), data: bytes.toString('base64') };

    expect(ruleFor({ ...good, layers: [embedded] })).toBe('taken');
    expect(ruleFor({ ...good, layers: [{ ...embedded, data: 'YXRhZA==' }] })).toBe(
      'descriptor-data',
    );
    expect(ruleFor({ ...good, subject: { ...embedded, data: 'YXRhZA==' } })).toBe(
      'descriptor-data',
    );
    expect(ruleFor({ ...good, layers: [{ ...embedded, data: '!' }] })).toBe('manifest-shape');
  });
});
