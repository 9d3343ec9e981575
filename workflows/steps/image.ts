import { ApplicationFailure } from '@temporalio/workflow';
import type { ObtainImageInput, ObtainImageResult } from '../../activities/build';
import type { Digest } from '../../src/domain/digest';
import { moveChannel, restoreChannelLater } from './channels';
import { requirePass } from './failure';
import type { ReleaseRun } from './release-run';

/** A digest that may be released, with what is known of its build. */
export interface Obtained {
  readonly digest: Digest;
  /** Digests of the bases, when we built it. */
  readonly bases: readonly Digest[] | null;
  /** Who wrote the commit, as git says, when we built it. */
  readonly writtenBy: readonly string[];
}

function whatToObtain({ input, release }: ReleaseRun): ObtainImageInput {
  const { service, version, revision, requestedAt, author, policy } = input;
  return {
    release,
    service,
    version,
    revision,
    requestedAt,
    ...(author !== undefined && { author }),
    policy: policy.build,
    transparencyLog: policy.signing.transparencyLog,
  };
}

/** Builds from source, or checks what CI pushed; both end with a digest that may be released. */
export async function obtainImage(run: ReleaseRun): Promise<Obtained> {
  const { origin } = run.input;
  const common = whatToObtain(run);
  if (origin.kind === 'source') {
    return run.progress.step('build', 'build', async () => {
      const { path } = origin;
      const options = { summary: `build ${path}` };
      const input = { ...common, path };
      return settle(run, await run.proxies.build.buildImage.executeWithOptions(options, [input]));
    });
  }
  return run.progress.step('build', 'adopt', async () => {
    const { digest } = origin;
    const options = { summary: `adopt ${digest.slice(7, 19)}` };
    const input = { ...common, digest };
    return settle(run, await run.proxies.quick.adoptImage.executeWithOptions(options, [input]));
  });
}

function settle(
  run: ReleaseRun,
  { verdict, digest, bases, writtenBy = [] }: ObtainImageResult,
): Obtained {
  run.progress.record(verdict);
  if (digest) run.progress.setDigest(digest);
  requirePass(verdict);
  if (!digest) throw ApplicationFailure.nonRetryable('A build passed without a digest', 'INTERNAL');
  return { digest, bases: bases ?? null, writtenBy };
}

/** Provenance and SBOM, checked; returns the digest of the attached SBOM. */
export async function attest(
  run: ReleaseRun,
  { digest, bases, writtenBy }: Obtained,
): Promise<Digest> {
  const { release, progress, proxies } = run;
  const { service, origin, requestedAt } = run.input;
  const built =
    origin.kind === 'source' && bases ? { built: { path: origin.path, bases, writtenBy } } : {};
  return progress.step('attest', 'provenance and SBOM', async () => {
    const [provenance, sbom] = await Promise.all([
      proxies.quick.checkProvenance.executeWithOptions({ summary: 'provenance: checked' }, [
        { ...whatToObtain(run), digest, ...built },
      ]),
      proxies.scan.createSbom.executeWithOptions({ summary: 'SBOM: made, checked, attached' }, [
        { release, service, digest, createdAt: requestedAt },
      ]),
    ]);
    progress.record(provenance);
    progress.record(sbom.verdict);
    requirePass(provenance);
    requirePass(sbom.verdict);
    if (!sbom.sbomDigest) throw ApplicationFailure.nonRetryable('No SBOM attached', 'INTERNAL');
    return sbom.sbomDigest;
  });
}

export async function scan(run: ReleaseRun, digest: Digest, sbomDigest: Digest): Promise<void> {
  const { input, release } = run;
  await run.progress.step('scan', 'scan', async () => {
    const verdict = await run.proxies.scan.scanImage.executeWithOptions(
      { summary: 'scan: known vulnerabilities' },
      [{ release, service: input.service, digest, sbomDigest, policy: input.policy.scan }],
    );
    run.progress.record(verdict);
    requirePass(verdict);
  });
}

export async function sign(run: ReleaseRun, digest: Digest, sbomDigest: Digest): Promise<void> {
  const { input, release } = run;
  await run.progress.step('sign', 'sign', async () => {
    const verdict = await run.proxies.quick.signRelease.executeWithOptions(
      { summary: 'sign image, SBOM and provenance' },
      [
        {
          release,
          service: input.service,
          digest,
          sbomDigest,
          createdAt: input.requestedAt,
          transparencyLog: input.policy.signing.transparencyLog,
        },
      ],
    );
    run.progress.record(verdict);
    requirePass(verdict);
  });
}

/** The write-once tag stays even when the release is taken back: it names what was built. */
export async function tag(run: ReleaseRun, digest: Digest): Promise<void> {
  const { input } = run;
  const { service, version, revision } = input;
  await run.progress.step('tag', 'tag', async () => {
    const [channels] = await Promise.all([
      run.proxies.quick.readChannels.executeWithOptions({ summary: 'channels as they are' }, [
        { svc: service.svc },
      ]),
      run.proxies.writes.claimTag.executeWithOptions({ summary: `${version}_${revision}` }, [
        { service, version, revision, digest, claimedBy: input.releaseId },
      ]),
    ]);
    run.channels = channels;
    const channel = { env: 'dev', tag: 'candidate' } as const;
    restoreChannelLater(run, channel, digest);
    await moveChannel(run, channel, digest);
  });
}
