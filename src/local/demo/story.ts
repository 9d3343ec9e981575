import { RevertKeyAnswer, ReleaseView } from '../../contract/schema/api-release';
import { ServiceView } from '../../contract/schema/api-service';
import { isDigest, shortDigest } from '../../domain/digest';
import type { Plura } from './plura';

export interface Act {
  readonly title: string;
  readonly ok: boolean;
  /** What was expected and what was seen, one sentence. */
  readonly verdict: string;
  readonly durationMs: number;
  readonly release?: ReleaseView;
}

export interface Cast {
  readonly alice: Plura;
  readonly carol: Plura;
}

export interface Story {
  readonly svc: string;
  readonly revision: string;
  readonly cast: Cast;
  readonly now: () => number;
  readonly heading: (title: string) => void;
}

async function promote(story: Story, source: string, version: string): Promise<ReleaseView> {
  const args = ['reg', 'promote', story.svc, '--source', source, '--version', version];
  await story.cast.alice.run([...args, '--revision', story.revision, '--wait']);
  const release = `${story.svc}/${version}_${story.revision}`;
  return ReleaseView.parse(await story.cast.alice.query(['reg', 'status', release]));
}

function show(digest: string | null | undefined): string {
  return digest && isDigest(digest) ? shortDigest(digest) : 'nothing';
}

async function stableDigest(story: Story): Promise<string | null> {
  const service = ServiceView.parse(await story.cast.alice.query(['reg', 'status', story.svc]));
  return service.channels.find(({ channel }) => channel === 'prod:stable')?.digest ?? null;
}

interface Told {
  readonly ok: boolean;
  readonly verdict: string;
  readonly release?: ReleaseView;
}

async function act(story: Story, title: string, play: () => Promise<Told>): Promise<Act> {
  story.heading(title);
  const startedAt = story.now();
  const told = await play();
  return { title, ...told, durationMs: story.now() - startedAt };
}

export async function playGood(story: Story, version: string): Promise<Act> {
  return act(story, `A good release, ${version}, goes to prod:stable`, async () => {
    const release = await promote(story, 'checkout', version);
    const stable = await stableDigest(story);
    const ok = release.outcome === 'released' && stable !== null && stable === release.digest;
    return {
      ok,
      release,
      verdict: `${release.outcome ?? release.stage}; prod:stable is ${show(stable)}`,
    };
  });
}

/** A release that must not get through: `gate` has to have failed, and prod:stable to be untouched. */
async function playBad(
  story: Story,
  title: string,
  source: string,
  version: string,
  gate: string,
): Promise<Act> {
  return act(story, title, async () => {
    const before = await stableDigest(story);
    const release = await promote(story, source, version);
    const after = await stableDigest(story);
    const failed = release.verdicts.some((one) => one.gate === gate && one.outcome === 'fail');
    const compensated = release.steps.every(({ state }) => state !== 'compensation-failed');
    const ok = release.outcome === 'rejected' && failed && compensated && before === after;
    return { ok, release, verdict: `${release.outcome ?? release.stage}: ${release.reason ?? ''}` };
  });
}

export async function playBroken(story: Story, version: string): Promise<Act> {
  const title = `A broken release, ${version}, answers 500: caught in the canary, taken back`;
  return playBad(story, title, 'checkout-broken', version, 'canary');
}

export async function playVulnerable(story: Story, version: string): Promise<Act> {
  const title = `A release with a High CVE, ${version}, is stopped at the scan gate`;
  return playBad(story, title, 'checkout-vulnerable', version, 'scan');
}

export async function playRollback(story: Story, from: ReleaseView, to: ReleaseView): Promise<Act> {
  return act(story, 'An operator takes the last pin back by its revert key', async () => {
    const { carol } = story.cast;
    const { revertKey } = RevertKeyAnswer.parse(
      await carol.query(['reg', 'revert-key', from.releaseId]),
    );
    const reason = 'demo: back to the version before';
    const args = [
      'reg',
      'rollback',
      story.svc,
      '--revert-key',
      revertKey,
      '--reason',
      reason,
      '--yes',
    ];
    const { exitCode } = await carol.run(args);
    const stable = await stableDigest(story);
    return {
      ok: exitCode === 0 && stable === to.digest,
      verdict: `prod:stable is ${show(stable)}`,
    };
  });
}
