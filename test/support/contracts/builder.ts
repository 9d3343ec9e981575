import { readBuildProvenance } from '../../../activities/read-provenance';
import { slsaErrors } from '../../../src/contract/schema/slsa';
import type { PinnedBase } from '../../../src/domain/bases';
import { isRootUser } from '../../../src/domain/dockerfile';
import { requiredLabels } from '../../../src/domain/labels';
import { judgeProvenance } from '../../../src/domain/provenance';
import type { Builder, BuildInput } from '../../../src/ports/builder';
import type { Registry } from '../../../src/ports/registry';

export interface BuilderUnderTest {
  readonly builder: Builder;
  readonly registry: Registry;
  readonly builderId: string;
  /** A folder that builds, from `bases`. */
  readonly contextPath: string;
  readonly bases: Readonly<Record<string, PinnedBase>>;
}

const labels = requiredLabels({
  service: { region: 'eu-west-1' },
  version: '1.2.3',
  revision: 'abcdef1',
  releaseId: 'checkout/1.2.3_abcdef1',
  buildId: 'build-1',
  created: '2026-01-01T00:00:00Z',
  source: 'a folder, with "quotes" and = signs',
});

/** What every Builder does, fake or real. */
export function describeBuilderContract(
  name: string,
  create: () => BuilderUnderTest | Promise<BuilderUnderTest>,
): void {
  describe(`${name} keeps the contract of Builder`, () => {
    const repository = 'apps/contract/built';
    let under: BuilderUnderTest;
    let input: BuildInput;
    beforeAll(async () => {
      under = await create();
      const { contextPath, bases } = under;
      input = { contextPath, bases, repository, labels };
    });

    it('pushes an image with the labels, by digest', async () => {
      const { digest } = await under.builder.build(input);

      const config = await under.registry.getImageConfig({ repository, digest });
      expect(config.labels).toMatchObject(labels);
      expect(isRootUser(config.user)).toBe(false);
      expect(await under.registry.findMissing({ repository, digest })).toEqual([]);
      expect(await under.registry.resolve(repository, 'latest')).toBeNull();
    });

    it('leaves a SLSA v1 provenance that says what it was asked for', async () => {
      const { digest } = await under.builder.build(input);

      const predicate = await readBuildProvenance(under.registry, { repository, digest });
      const pins = Object.values(under.bases);
      const verdict = judgeProvenance({
        subject: digest,
        predicate,
        schemaErrors: slsaErrors(predicate),
        policy: {
          trustedBuilders: [],
          bases: { allow: pins.map((base) => base.repository), signatureRequired: true },
        },
        signedBases: pins.map((base) => base.digest),
        request: {
          builderId: under.builderId,
          bases: pins.map((base) => base.digest),
          labels,
        },
      });
      expect(verdict.reasons).toEqual([]);
      expect(verdict.evidence).toMatchObject({
        bases: expect.arrayContaining(
          pins.map((base) => `${base.repository}@${base.digest}`),
        ) as unknown,
      });
    });

    it('tells its progress in lines', async () => {
      const lines: string[] = [];

      await under.builder.build({ ...input, onProgress: (line) => lines.push(line) });

      expect(lines.join('\n')).toContain('[build ');
      expect(lines.join('')).not.toContain('\n');
    });

    it('builds nothing once aborted', async () => {
      const reason = new Error('release aborted');

      const built = under.builder.build({ ...input, signal: AbortSignal.abort(reason) });

      await expect(built).rejects.toBe(reason);
    });

    it('answers a ping', async () => {
      await expect(under.builder.ping()).resolves.toBeUndefined();
    });
  });
}
