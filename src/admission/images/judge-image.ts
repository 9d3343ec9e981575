import type { AdmissionFault } from '../../domain/admission/fault';
import type { Digest } from '../../domain/digest';
import type { ImageRef } from '../../domain/reference';
import type { Blocks } from '../../domain/registry/quarantine';
import type { AdmissionDependencies } from '../dependencies';
import { evidenceKey, type Snapshot } from '../state/standing';
import { within } from '../time-limit';
import { findingOf, settle, type Finding, type Settling } from '../verify/finding';
import { createImageQuestions } from './ask-image';
import { findDenialOn } from './denied';
import { nameImage } from './named-image';
import { findBlockOn, quarantined } from './quarantined';

/** Why an image may not run in a namespace; empty when it may. Never throws. */
export interface ImageJudge {
  judge(image: string, namespace: string): Promise<readonly AdmissionFault[]>;
}

export function createImageJudge(deps: AdmissionDependencies): ImageJudge {
  const { settings, standing, now } = deps;
  const questions = createImageQuestions(deps);
  const onBug = (err: unknown): void => {
    deps.log.error({ err }, 'a check of an image failed');
  };
  const fromLedger: Settling = { asked: 'ledger', limitMs: settings.dependencyMs, onBug };
  // Each part of it has a limit of its own.
  const fromKeys: Settling = { asked: 'signer', limitMs: settings.deadlineMs, onBug };

  async function readStanding(): Promise<Snapshot | Finding> {
    // Nearly always: a timer for each look would cost more than the look.
    const current = standing.current();
    if (current) return current;
    try {
      return await within(standing.fresh(), settings.dependencyMs, 'Postgres');
    } catch (error) {
      return findingOf(error, fromLedger);
    }
  }

  /** Without a snapshot nothing is let in. */
  async function allowedBy(
    read: Snapshot | Finding,
    image: ImageRef,
    namespace: string,
  ): Promise<Finding> {
    if (!('blocks' in read)) return read;
    return settle(() => questions.allowed(image, namespace, read.allowRevision), fromLedger);
  }

  /** Once more when evidence was withdrawn since it began; while that can't be read nothing is let in anyway. */
  async function verifiedBy(
    read: Snapshot | Finding,
    image: ImageRef,
    { by, verified }: { readonly by: string; readonly verified: Finding },
  ): Promise<Finding> {
    if (!('blocks' in read) || evidenceKey(read) === by) return verified;
    return settle(() => questions.verified(image, evidenceKey(read)), fromKeys);
  }

  /** While it can't be read the last that was known still refuses. */
  function blockOn(read: Snapshot | Finding, digests: readonly Digest[]): AdmissionFault | null {
    const blocks: Blocks = ('blocks' in read ? read : standing.last())?.blocks ?? new Map();
    const block = findBlockOn(blocks, digests, now().getTime());
    return block && quarantined(block);
  }

  return {
    judge: async (text, namespace) => {
      const named = nameImage(text, settings.registries);
      if ('fault' in named) return [named.fault];
      const { image } = named;
      // Begun at once, so that parts which hang are waited for side by side.
      const by = evidenceKey(standing.last());
      const verifying = settle(() => questions.verified(image, by), fromKeys);
      const before = await readStanding();
      const own = blockOn(before, [image.digest]);
      if (own) return [own];
      const [verified, allow] = await Promise.all([verifying, allowedBy(before, image, namespace)]);
      // What was withdrawn while it was looked at counts too.
      const after = await readStanding();
      const last = isSame(before, after) ? allow : await allowedBy(after, image, namespace);
      const verification = await verifiedBy(after, image, { by, verified });
      const held = blockOn(after, [image.digest, ...verification.covers]);
      const denied = findDenialOn(image.digest, last, standing.last());
      const withdrawn = [held, denied].filter((fault) => fault !== null);
      return [...withdrawn, ...last.faults, ...verification.faults];
    },
  };
}

function isSame(before: Snapshot | Finding, after: Snapshot | Finding): boolean {
  return 'blocks' in before && 'blocks' in after && before.allowRevision === after.allowRevision;
}
