import { OCI_INDEX, OCI_MANIFEST } from '../../../src/adapters/oci/media-types';
import { bytesOf, configOf, DEEP_INDEX, indexJson, manifestJson } from './artifact';

export interface ManifestCase {
  readonly name: string;
  readonly body: Buffer;
  /** Default: the type of an image manifest; null: none is sent. */
  readonly contentType?: string | null;
  /** Default: tag `t` of an open repository. */
  readonly target?: string;
  readonly chunked?: boolean;
}

const APP = '/v2/apps/checkout/checkout/manifests/1.0.0_abcdef123456';
const CHART = '/v2/charts/checkout/manifests/1.0.0';
const OPEN = '/v2/scratch/fuzz/manifests';

const good = manifestJson();
const text = bytesOf(good).toString();
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const annotated = (bytes: number): Buffer =>
  bytesOf({ ...good, annotations: { note: 'a'.repeat(bytes) } });

function withConfig(change: Readonly<Record<string, unknown>>): Buffer {
  return bytesOf({ ...good, config: { ...(good['config'] as object), ...change } });
}

/** A digest is where a path could hide. */
const BAD_DIGESTS: readonly unknown[] = [
  'sha256:',
  `sha256:${'a'.repeat(63)}`,
  `sha256:${'A'.repeat(64)}`,
  `md5:${'a'.repeat(32)}`,
  `sha256:${'../'.repeat(21)}a`,
  `../../channels/prod/checkout/manifests/stable`,
  `sha256:${'a'.repeat(64)}\n`,
  `sha256:${'a'.repeat(64)}/../x`,
  '',
  null,
  7,
  {},
  ['sha256'],
];

const BAD_SIZES: readonly string[] = [
  '-1',
  '1.5',
  '"7"',
  'null',
  '1e400',
  '9007199254740993',
  '{}',
];

const NOT_JSON: Readonly<Record<string, string | Buffer>> = {
  nothing: '',
  'a space': ' ',
  'half a manifest': text.slice(0, text.length / 2),
  'two manifests': text + text,
  'a comma at the end': text.replace(/\}$/, ',}'),
  'a comment': text.replace('{', '{/* x */'),
  'single quotes': text.replaceAll('"', "'"),
  NaN: text.replace('"schemaVersion":2', '"schemaVersion":NaN'),
  'a leading zero': text.replace('"schemaVersion":2', '"schemaVersion":02'),
  'a raw control character': text.replace('"mediaType"', '"media\u0001Type"'),
  'UTF-16': Buffer.from(text, 'utf16le'),
  'bytes that are no UTF-8': Buffer.concat([
    Buffer.from('{"schemaVersion":2,"x":"'),
    Buffer.from([0xc3, 0x28, 0xff]),
    Buffer.from(`",${text.slice(1)}`),
  ]),
  'random bytes': Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167 + 13) % 256)),
};

const WRONG_SHAPE: Readonly<Record<string, string>> = {
  null: 'null',
  'a list': '[]',
  'a text': '"manifest"',
  'a number': '2',
  'an empty object': '{}',
  'lists in lists': nested(100_000),
  'objects in objects': `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
  'the schema of 2014': text.replace('"schemaVersion":2', '"schemaVersion":1'),
  'a schema version as text': text.replace('"schemaVersion":2', '"schemaVersion":"2"'),
  'no schema version': text.replace('"schemaVersion":2,', ''),
  'layers that are no list': JSON.stringify({ ...good, layers: {} }),
  'a layer that is null': JSON.stringify({ ...good, layers: [null] }),
  'no config': JSON.stringify({ ...good, config: undefined }),
  'a hundred thousand layers': JSON.stringify({
    ...good,
    layers: Array.from({ length: 100_000 }, () => good['config']),
  }),
  'a subject that is text': JSON.stringify({ ...good, subject: 'sha256:abc' }),
  'a subject with a path for a digest': JSON.stringify({
    ...good,
    subject: { mediaType: OCI_MANIFEST, digest: '../../x', size: 1 },
  }),
  'annotations that are numbers': JSON.stringify({ ...good, annotations: { a: 1 } }),
};

/** One reader takes the first, another the last (the confusion of CVE-2021-41190 and its kin). */
const DUPLICATES: Readonly<Record<string, string>> = {
  'two configs': text.replace('"config":', '"config":null,"config":'),
  'two lists of layers': text.replace('"layers":', '"layers":[],"layers":'),
  'two media types': text.replace('"mediaType":', `"mediaType":"${OCI_INDEX}","mediaType":`),
  'two digests in a descriptor': text.replace(
    '"digest":',
    `"digest":"sha256:${'0'.repeat(64)}","digest":`,
  ),
  'a key once plain, once escaped': text.replace('"config":', '"confi\\u0067":null,"config":'),
  'two subjects': text.replace('"config":', '"subject":null,"subject":null,"config":'),
  'two annotations of a name': text.replace('{', '{"annotations":{"a":"1","a":"2"},'),
};

const child = (mediaType: string): Record<string, unknown> => ({
  mediaType,
  digest: `sha256:${'c'.repeat(64)}`,
  size: 10,
});

const CONFUSED: readonly ManifestCase[] = [
  { name: 'layers and manifests in one', body: bytesOf({ ...good, manifests: [] }) },
  {
    name: 'an index with layers',
    body: bytesOf({ ...indexJson([]), layers: [], config: good['config'] }),
    contentType: OCI_INDEX,
  },
  { name: 'a manifest sent as an index', body: bytesOf(good), contentType: OCI_INDEX },
  { name: 'an index sent as a manifest', body: bytesOf(indexJson([])) },
  {
    name: 'an index that says it is a manifest',
    body: bytesOf({ ...indexJson([]), mediaType: OCI_MANIFEST }),
    contentType: OCI_INDEX,
  },
  { name: 'no content type', body: bytesOf(good), contentType: null },
  { name: 'an empty content type', body: bytesOf(good), contentType: '' },
  { name: 'plain JSON', body: bytesOf(good), contentType: 'application/json' },
  { name: 'plain text', body: bytesOf(good), contentType: 'text/plain' },
  {
    name: 'two content types in one',
    body: bytesOf(good),
    contentType: `${OCI_MANIFEST}, ${OCI_INDEX}`,
  },
  {
    name: 'the signed schema of 2014',
    body: bytesOf(good),
    contentType: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  },
  {
    name: 'an index of something that is no manifest',
    body: bytesOf(indexJson([child('application/vnd.oci.image.layer.v1.tar')])),
    contentType: OCI_INDEX,
    target: APP,
  },
  {
    name: 'an index of ten thousand',
    body: bytesOf(indexJson(Array.from({ length: 10_000 }, () => child(OCI_MANIFEST)))),
    contentType: OCI_INDEX,
  },
  {
    name: 'an index in an index, sixty-four deep, among the apps',
    body: DEEP_INDEX[0]!,
    contentType: OCI_INDEX,
    target: APP,
  },
];

const RULES: readonly ManifestCase[] = [
  {
    name: 'an app without labels',
    body: bytesOf(manifestJson(configOf({}))),
    target: APP,
  },
  {
    name: 'an app whose config is no image config',
    body: withConfig({ mediaType: 'application/vnd.example.config.v1+json' }),
    target: APP,
  },
  { name: 'an image as a chart', body: bytesOf(good), target: CHART },
  {
    name: 'another digest than the reference',
    body: bytesOf(good),
    target: `${OPEN}/sha256:${'b'.repeat(64)}`,
  },
  { name: 'a manifest of 4.1 MB', body: annotated(4_300_000) },
  { name: 'a manifest of 10 MB', body: annotated(10_000_000) },
  { name: 'a manifest of 10 MB that does not say so', body: annotated(10_000_000), chunked: true },
];

const named = (names: Readonly<Record<string, string | Buffer>>): readonly ManifestCase[] =>
  Object.entries(names).map(([name, body]) => ({ name, body: Buffer.from(body) }));

/** Bodies that no push may get past the gateway with. */
export const MANIFEST_CASES: readonly ManifestCase[] = [
  ...named(NOT_JSON),
  ...named(WRONG_SHAPE),
  ...named(DUPLICATES),
  ...BAD_DIGESTS.map((digest) => ({
    name: `the digest ${JSON.stringify(digest).slice(0, 40)}`,
    body: withConfig({ digest }),
  })),
  ...BAD_SIZES.map((size) => ({
    name: `the size ${size}`,
    body: Buffer.from(text.replace(/"size":\d+/, `"size":${size}`)),
  })),
  ...CONFUSED,
  ...RULES,
];
