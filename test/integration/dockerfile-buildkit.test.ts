import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { readBuildProvenance } from '../../activities/read-provenance';
import { createBuildkitBuilder } from '../../src/adapters/buildkit/builder';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { parseDockerfile } from '../../src/contract/schema/dockerfile';
import type { PinnedBase } from '../../src/domain/bases';
import { inspectDockerfile } from '../../src/domain/dockerfile';
import { baseMaterials } from '../../src/domain/provenance';
import { startBuildkit, type BuildkitServer } from '../support/buildkit-server';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';
import { toolPath } from '../support/tools';

jest.setTimeout(240_000);

const POLICY = { multiStage: false, refuseRoot: false };
/** Every image that a generated Dockerfile can name; the builder is given all, so that it takes what it resolves to. */
const POOL = ['bases/a', 'bases/b', 'bases/b-x', 'evil/x', 'word'];

/** Deeper than the gate reads; BuildKit has no limit. */
const DEEP = `${'${A:-'.repeat(21)}${'}'.repeat(21)}`;
/** A line whose here-document, if it has one, ends at `EOF`; if not, the next line's hides the stage of evil/x. */
const hiding = (line: string): string =>
  `FROM bases/b\n${line}\nRUN <<"LABEL a=b"\nEOF\nFROM evil/x\nLABEL a=b\nFROM bases/b\nFROM bases/a\nCOPY --from=1 /etc /x`;
/** The other way round: a here-document of the line would end at `LABEL a=b`, and hide that stage. */
const showing = (line: string): string =>
  `FROM bases/b\n${line}\nFROM evil/x\nLABEL a=b\nFROM bases/b\nFROM bases/a\nCOPY --from=1 /etc /x`;
const ODD_SPACES = ['\u00a0', '\u0085', '\u1680', '\u2028', '\u3000', '\v', '\f', '\t'];

/** Images that the gate would let a build take; null when it refuses the text, or one of the names. */
function judge(text: string): readonly string[] | null {
  const { images, refusals } = inspectDockerfile(parseDockerfile(text), POLICY);
  return refusals.length > 0 || images.some((image) => !POOL.includes(image))
    ? null
    : [...images].sort();
}

describe('the Dockerfile gate beside BuildKit', () => {
  let folder: string;
  let server: RegistryServer;
  let buildkit: BuildkitServer;
  let bases: Readonly<Record<string, PinnedBase>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-dockerfile-'));
    server = await startRegistry();
    buildkit = await startBuildkit(server.host);
    const layer = pack();
    layer.entry({ name: 'etc/x' }, 'x');
    layer.finalize();
    const layers = [await buffer(layer)];
    const pins = await Promise.all(
      POOL.map(async (repository) => {
        const image = { repository, layers, env: [`NAME=${repository}`] };
        const digest = await pushTestImage(server.url, image);
        return [repository, { repository, digest }] as const;
      }),
    );
    bases = Object.fromEntries(pins);
    await writeFile(join(folder, 'Dockerfile'), 'FROM never/built\n');
    await writeFile(join(folder, 'file'), '');
  });
  afterAll(async () => {
    await buildkit.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** What the builder says it took; null when it refuses the text. */
  async function build(dockerfile: string): Promise<readonly string[] | null> {
    const repository = 'apps/oracle/built';
    const builder = createBuildkitBuilder({
      buildctl: toolPath('buildctl'),
      address: buildkit.address,
      registryHost: server.host,
      insecure: true,
      timeoutMs: 30_000,
      builderId: 'https://builder.test/buildkit',
    });
    try {
      const input = { contextPath: folder, dockerfile, repository, labels: {}, bases };
      const { digest } = await builder.build(input);
      const registry = createOciRegistry({ url: server.url });
      const predicate = await readBuildProvenance(registry, { repository, digest });
      const taken = baseMaterials(predicate).map((material) => material.repository);
      return [...new Set(taken)].sort();
    } catch {
      return null;
    }
  }

  it.each([
    ['FROM bases/a', ['bases/a']],
    ['ARG X=bases/a\nFROM ${X}', ['bases/a']],
    ['ARG X\nFROM ${X:-bases/a}', ['bases/a']],
    ['ARG X=b\nFROM bases/${X:+a}', ['bases/a']],
    ['ARG X=\nFROM bases/${X-b}a', ['bases/a']],
    ['ARG X=evil/x\nARG X=bases/a\nFROM "$X"', ['bases/a']],
    ['ARG A=bases B=$A/a\nFROM $B', ['bases/a']],
    ['from bases/a AS One\nfrom one\nCOPY --from=ONE /etc /etc', ['bases/a']],
    ['FROM bases/a\nCOPY --from=bases/b . /x', ['bases/a', 'bases/b']],
    ['FROM bases/a\nCOPY --fr\\\n# note\n\nom=bases/b . /x', ['bases/a', 'bases/b']],
    ['FROM bases/a\nCOPY --"from"=b\\ases/b . /x', ['bases/a', 'bases/b']],
    ['FROM bases/a\nLABEL a=b\\\\\nFROM bases/b', ['bases/b']],
    ['FROM bases/a\nCOPY <<EOF /x\nFROM evil/x\nEOF', ['bases/a']],
    ['FROM bases/a\nCOPY <<"A" <<-B /x/\nFROM evil/x\nA\n\tB', ['bases/a']],
    ['FROM bases/a\nCOPY <<EOF /x\r\nFROM evil/x\r\nEOF\r\n', ['bases/a']],
    ['\ufeffFROM bases/a', ['bases/a']],
    ['FROM --platform=$TARGETPLATFORM bases/a', ['bases/a']],
    ['FROM bases/a AS one\nONBUILD COPY --from=bases/b . /x\nFROM one', ['bases/a', 'bases/b']],
  ])('finds what it takes in %j', async (text, images) => {
    const taken = await build(text);

    expect(taken).toEqual(images);
    expect(judge(text)).toEqual(expect.arrayContaining(images));
  });

  it.each([
    '#!/bin/x\n# syntax=evil/x\nFROM bases/a',
    '// syntax=evil/x\nFROM bases/a',
    '{"syntax": "evil/x"}',
    'FROM bases/a\nADD https://127.0.0.1:1/a /a',
    'FROM bases/a\nADD git@127.0.0.1:a/b.git /a',
    'FROM bases/$TARGETARCH',
    'FROM word AS w\nFROM bases/a AS word\nFROM word',
    'FROM bases/a\nCOPY <<EOF /x\nFROM evil/x',
    'FROM bases/a\nONBU\u0130LD COPY --from=evil/x . /x',
    'ARG X=bases/a\nFROM ${X#y}',
    'FROM bases/a\nCOPY --chown=\u00a0--from=evil/x . /x',
    '# escape=`\nFROM bases/`a',
    'FROM Bases/A',
    'FROM bases/a\nCOPY --from=1 . /x',
    'FROM bases/a:latest',
  ])('refuses %j', (text) => {
    expect(judge(text)).toBeNull();
  });

  const EVIL = ['bases/a', 'evil/x'];
  it.each<readonly [string, readonly string[]]>([
    ['# escape\u00a0=`\nFROM bases/a\nLABEL a=`\nFROM evil/x', ['evil/x']],
    ['# escape\v=`\nFROM bases/a\nLABEL a=`\nFROM evil/x', ['evil/x']],
    ['# check= \n# escape=`\nFROM bases/a\nLABEL a=\\\nFROM evil/x', ['evil/x']],
    ['#\u2028escape\f=\f`\nFROM bases/a\nLABEL a=\\\nFROM evil/x', ['evil/x']],
    ['ARG A=x\u00a0B=evil/x\nFROM ${B:-bases/a}', ['evil/x']],
    ['ARG A=x\u0085B=evil/x\nFROM ${B:-bases/a}', ['evil/x']],
    ['ARG SOURCE_DATE_EPOCH=bases/a\nFROM ${SOURCE_DATE_EPOCH:-evil/x}', EVIL],
    ['ARG SOURCE_DATE_EPOCH=007\nFROM bases/a${SOURCE_DATE_EPOCH#7}', ['bases/a']],
    ['FROM bases/a\nLABEL a=b\u0085\n\\\n\u0085FROM evil/x\u0085', ['evil/x']],
    [hiding(`RUN <<EOF ${DEEP}`), EVIL],
    [hiding(`ADD <<EOF "${DEEP}" /x/`), EVIL],
    [showing('RUN <<"LABEL a=b" "'), EVIL],
    [showing('RUN <<"LABEL a=b" ${A!}'), EVIL],
  ])('is not led astray by %j', async (text, images) => {
    const taken = await build(text);

    expect(taken).toEqual(images);
    expect(judge(text) ?? images).toEqual(expect.arrayContaining([...images]));
  });

  it('leaves alone what the age of the Unicode in BuildKit decides', async () => {
    const texts = [showing('RUN <<"LABEL a=b" ${A\u{10d4a}}'), hiding('RUN <<EOF ${A\u{10d4a}}')];

    const taken = await Promise.all(texts.map(build));

    expect(taken.flat()).toContain('evil/x');
    expect(texts.map(judge)).toEqual([null, null]);
  });

  it('takes what was judged, whatever lies in the folder by then', async () => {
    await expect(build('FROM bases/a\nCOPY file /file')).resolves.toEqual(['bases/a']);
  });

  const odd = fc.constantFrom(...ODD_SPACES);
  const space = fc.oneof({ weight: 6, arbitrary: fc.constant(' ') }, odd);
  // The last ones mean something to BuildKit, of a build's options or of any build.
  const special = ['SOURCE_DATE_EPOCH', 'TARGETARCH', 'BUILDKIT_SYNTAX', 'http_proxy'];
  const name = fc.constantFrom('A', 'B', 'C', 'A', 'B', 'C', ...special);
  const text = fc.constantFrom('bases/a', 'bases/b', '-x', 'evil/x', '', 'bases/', 'b', 'word');
  const expression = fc.oneof(
    text,
    name.map((one) => `$${one}`),
    fc
      .tuple(name, fc.constantFrom('', ':-', '-', ':+', '+'), text)
      .map(([one, mark, word]) => `\${${one}${mark}${mark === '' ? '' : word}}`),
    fc
      .tuple(fc.constantFrom('"', "'", '\\'), text)
      .map(([quote, word]) => (quote === '\\' ? `\\${word}` : `${quote}${word}${quote}`)),
    fc
      .tuple(name, fc.integer({ min: 2, max: 22 }), text)
      .map(([one, deep, word]) => `\${${one}:-`.repeat(deep) + word + '}'.repeat(deep)),
  );
  const words = fc.array(expression, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''));
  const argument = fc
    .tuple(name, fc.option(fc.oneof(words, fc.constant('1700000000')), { nil: undefined }))
    .map(([one, value]) => (value === undefined ? one : `${one}=${value}`));
  const argumentLine = fc
    .tuple(fc.array(argument, { minLength: 1, maxLength: 3 }), fc.array(space, { minLength: 3 }))
    .map(([args, spaces]) => `ARG ${args.map((one, at) => `${one}${spaces[at] ?? ''}`).join('')}`);
  const directive = fc
    .tuple(
      fc.array(space, { minLength: 4, maxLength: 4 }),
      fc.constantFrom('escape', 'check'),
      fc.constantFrom('`', '\\', 'skip=all', ''),
    )
    .map(([[a, b, c, d], key, value]) => `#${a}${key}${b}=${c}${value}${d}`);
  const stage = fc
    .tuple(words, fc.option(fc.constantFrom('s', 'S', 't', 'w'), { nil: undefined }))
    .map(([from, as]) => `FROM ${from}${as === undefined ? '' : ` AS ${as}`}`);
  const lines = fc
    .tuple(
      fc.array(directive, { maxLength: 2 }),
      fc.array(argumentLine, { maxLength: 3 }),
      fc.array(stage, { minLength: 1, maxLength: 3 }),
      fc.array(fc.constantFrom('s', 'T', '0', '1', 'bases/a', 'evil/x'), { maxLength: 2 }),
      fc.constantFrom('', '', 'LABEL a=`\n', 'LABEL a=\\\n', '\u0085\n', '\u00a0# x\n'),
    )
    .map(([directives, args, stages, from, between]) =>
      // All that is not the last stage is copied from, so that BuildKit leaves none out.
      [
        ...directives,
        ...args,
        ...stages.slice(0, -1),
        `${between}${stages.at(-1) ?? ''}`,
        ...stages.slice(1).map((_, index) => `COPY --from=${index} . /s${index}`),
        ...from.map((one) => `COPY --from=${one} . /x`),
      ].join('\n'),
    );

  it('finds what BuildKit takes, in Dockerfiles of arguments and stages', async () => {
    const accepted = lines.filter((dockerfile) => judge(dockerfile) !== null);

    await fc.assert(
      fc.asyncProperty(accepted, async (dockerfile) => {
        const taken = await build(dockerfile);

        // What BuildKit refuses, it takes nothing for.
        expect(taken ?? judge(dockerfile)).toEqual(judge(dockerfile));
      }),
      { numRuns: 40 },
    );
  });
});
