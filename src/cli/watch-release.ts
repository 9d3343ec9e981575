import { ERRORS, ReleaseError } from '../contract/errors';
import { ReleaseView } from '../contract/schema/api-release';
import type { CliContext } from './context';
import type { HttpClient } from './http-client';
import type { Progress } from './output/progress';
import { releasePath } from './references';

const POLL_MS = 500;
/** A server that restarts is no reason to give up on a release that goes on without it. */
const MAX_OUTAGE_MS = 300_000;
/** The lane starts a release a moment after it took it. */
const MAX_ABSENT_MS = 30_000;

interface WatchOptions {
  readonly context: CliContext;
  readonly http: HttpClient;
  readonly progress: Progress;
  /** RFC 3339: when the release was asked for just now; what ended before is an earlier run of it. */
  readonly since?: string;
}

/** Follows a release to its end; every view is shown. Throws when it can't be followed any more, or on Ctrl-C. */
export async function watchRelease(options: WatchOptions, releaseId: string): Promise<ReleaseView> {
  const { context, http, progress } = options;
  const begin = context.now();
  let lastAnswer = begin;
  for (;;) {
    const release = await look(http, releaseId, (error) => {
      const silentMs = context.now() - lastAnswer;
      const absent = options.since !== undefined && error.code === 'RELEASE_NOT_FOUND';
      if (absent) return silentMs < MAX_ABSENT_MS;
      if (context.signal.aborted || !ERRORS[error.code].retryable) return false;
      progress.note(`${error.message}; the release goes on, asking again`);
      return silentMs < MAX_OUTAGE_MS;
    });
    if (release && !(isEarlier(release, options) && context.now() - begin < MAX_ABSENT_MS)) {
      lastAnswer = context.now();
      progress.show(release);
      if (release.outcome !== undefined) return release;
    }
    await context.sleep(POLL_MS, context.signal);
  }
}

async function look(
  http: HttpClient,
  releaseId: string,
  forgive: (error: ReleaseError) => boolean,
): Promise<ReleaseView | null> {
  try {
    return await http.get(releasePath(releaseId), ReleaseView);
  } catch (error) {
    if (error instanceof ReleaseError && forgive(error)) return null;
    throw error;
  }
}

function isEarlier(release: ReleaseView, { since }: WatchOptions): boolean {
  if (since === undefined || release.endedAt === undefined) return false;
  return Date.parse(release.endedAt) < Date.parse(since);
}
