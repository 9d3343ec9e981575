import { failureReason } from '../src/contract/error-reason';
import { ERRORS, ReleaseError } from '../src/contract/errors';
import { inParallel } from '../src/contract/in-parallel';
import type { Json } from '../src/domain/verdict';
import type { ReleasedSbom } from '../src/ports/component-index';
import type { AdvisoryWatchDeps, IndexSliceInput, IndexSliceResult } from './advisory-watch';
import { heartbeating } from './heartbeat';
import { indexSbom } from './index-sbom';
import { readSbom } from './read-sbom';

/** The registry is asked for so many at a time. */
const PARALLEL = 4;
/** So many failures and no success: it is not the images. */
const MANY = 3;

interface Outcome {
  readonly indexed: boolean;
  readonly failed: unknown;
}

const PASSED_BY: Outcome = { indexed: false, failed: null };

/** Deleted before it was ever read. */
async function forgetIfGone(
  { registry, componentIndex, now }: AdvisoryWatchDeps,
  one: ReleasedSbom,
): Promise<boolean> {
  const { repository, digest } = one;
  if ((await registry.resolve(repository, digest)) !== null) return false;
  await componentIndex.forget({ repository, digest }, now().toISOString());
  return true;
}

async function indexOne(deps: AdvisoryWatchDeps, one: ReleasedSbom): Promise<Outcome> {
  try {
    // Nobody pulls it, we included; it is missing until that is lifted.
    if (await deps.ledger.isQuarantined(one.digest)) return PASSED_BY;
    const bytes = await readSbom(deps.registry, one, one.sbom);
    // Its release has checked that it is one.
    const document = JSON.parse(bytes.toString('utf8')) as Json;
    await indexSbom(deps, { digest: one.digest, sbom: one.sbom, document });
    return { indexed: true, failed: null };
  } catch (failed) {
    const isLost = failed instanceof ReleaseError && failed.code === 'ATTESTATION_INVALID';
    if (isLost && (await forgetIfGone(deps, one))) return PASSED_BY;
    return { indexed: false, failed };
  }
}

function refuseWhenAllFailed(outcomes: readonly Outcome[]): void {
  const failures = outcomes.filter(({ failed }) => failed !== null);
  const first = failures[0]?.failed;
  if (failures.length < MANY || failures.length < outcomes.length) return;
  if (first instanceof ReleaseError && ERRORS[first.code].retryable) throw first;
}

/** Reads what the index lacks of released digests from the registry. */
export async function indexSlice(
  deps: AdvisoryWatchDeps,
  { after, limit }: IndexSliceInput,
): Promise<IndexSliceResult> {
  return heartbeating(async (signal, note) => {
    const missing = await deps.componentIndex.missing(after, limit);
    const outcomes = await inParallel(missing, PARALLEL, async (one) => {
      signal.throwIfAborted();
      note(`${one.repository}@${one.digest}`);
      return indexOne(deps, one);
    });
    refuseWhenAllFailed(outcomes);
    return {
      next: missing.length === limit ? (missing.at(-1)?.digest ?? null) : null,
      indexed: outcomes.filter(({ indexed }) => indexed).length,
      errors: outcomes.flatMap(({ failed }, at) =>
        failed === null
          ? []
          : [`${missing[at]?.repository}@${missing[at]?.digest}: ${failureReason(failed)}`],
      ),
    };
  });
}
