import { artifactManifest, embeddedContent } from '../../../../src/adapters/oci/artifact';
import { parseManifest, sha256 } from '../../../../src/adapters/oci/schema';
import type { AttachInput, Descriptor } from '../../../../src/ports/registry';

const CONTENT = Buffer.from('{"a":"bundle"}');
const SUBJECT: Descriptor = { mediaType: 'image', digest: sha256(Buffer.from('image')), size: 5 };

function layerOf(payload: Buffer): Descriptor {
  const input: AttachInput = {
    subject: { repository: 'apps/a/a', digest: SUBJECT.digest },
    artifactType: 'application/vnd.test',
    mediaType: 'application/vnd.test',
    payload,
    annotations: {},
  };
  const { bytes } = artifactManifest(input, SUBJECT);
  return parseManifest(bytes, '').layers[0]!;
}

it('embeds what is small, and reads it back', () => {
  expect(embeddedContent(layerOf(CONTENT))).toEqual(CONTENT);
});

it('embeds nothing that is large', () => {
  expect(layerOf(Buffer.alloc(16 * 1024 + 1))).not.toHaveProperty('data');
});

it.each([
  ['other content', { data: Buffer.from('{"a":"lie!!"}').toString('base64') }],
  ['content of another size', { size: CONTENT.length + 1 }],
  ['content of another digest', { digest: sha256(Buffer.from('another')) }],
])('believes no %s', (_what, over) => {
  expect(embeddedContent({ ...layerOf(CONTENT), ...over })).toBeNull();
});
