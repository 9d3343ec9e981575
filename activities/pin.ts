import type { Digest } from '../src/domain/digest';
import { channelRepository } from '../src/domain/reference';
import type { ReleaseStatus } from '../src/domain/release';
import { renderReleaseNotes } from '../src/domain/release-notes';
import { revertKeyExpiry, revertKeyId } from '../src/domain/revert-key';
import { revertKeySecret, revertKeySecretHash } from '../src/contract/schema/revert-key';
import { KEY_IDS, type Statement } from '../src/ports/signer';
import type { Deps } from './deps';

export const PIN_PREDICATE_TYPE = 'https://plura.dev/attestation/pin/v1';

export interface LogPinInput {
  readonly svc: string;
  readonly region: string;
  readonly digest: Digest;
  readonly previous: Digest | null;
  /** What moved the pin: names the entry, so that a retry finds the one it made. */
  readonly cause: string;
  /** Null for a rollback: no gate was asked. */
  readonly policyHash: string | null;
  readonly pinnedAt: string;
  readonly transparencyLog: 'required' | 'off';
}

export interface IssueRevertKeyInput {
  readonly svc: string;
  readonly epoch: number;
  readonly digest: Digest;
  readonly previous: Digest | null;
  readonly pinnedAt: string;
  readonly ttlMs: number;
}

export interface PublishNotesInput {
  readonly status: ReleaseStatus;
  readonly digest: Digest;
  readonly previous: Digest | null;
  readonly pinnedAt: string;
  readonly revertKeyId: string | null;
  readonly logIndex: string | null;
}

export interface LogEntry {
  readonly index: string;
  /** Sigstore bundle JSON with the inclusion proof. */
  readonly bundle: string;
}

export interface SaveLogEntryInput extends LogEntry {
  readonly svc: string;
  readonly cause: string;
}

export interface PinActivities {
  /** Null when the policy has the log off. Throws LOG_UNAVAILABLE. */
  appendPin(input: LogPinInput): Promise<LogEntry | null>;
  /** Apart from appending: a ledger that is down must not make the log grow. */
  saveLogEntry(input: SaveLogEntryInput): Promise<void>;
  issueRevertKey(input: IssueRevertKeyInput): Promise<{ readonly keyId: string | null }>;
  publishNotes(input: PublishNotesInput): Promise<void>;
}

export function createPinActivities(deps: Pick<Deps, 'ledger' | 'log' | 'kms'>): PinActivities {
  return {
    appendPin: (input) => appendPin(deps, input),
    saveLogEntry: ({ cause, index, bundle }) =>
      deps.ledger.saveDocument(
        'log-entry',
        cause,
        JSON.stringify({ index, bundle: JSON.parse(bundle) as unknown }),
      ),
    async issueRevertKey(input): Promise<{ keyId: string | null }> {
      // The first pin replaced nothing: there is nothing a key could go back to.
      if (!input.previous) return { keyId: null };
      const keyId = revertKeyId(input.svc, input.epoch, input.digest);
      const secret = await revertKeySecret((key, data) => deps.kms.mac(key, data), keyId);
      await deps.ledger.issueRevertKey(
        {
          keyId,
          svc: input.svc,
          from: input.digest,
          to: input.previous,
          expiresAt: revertKeyExpiry(input.pinnedAt, input.ttlMs),
        },
        revertKeySecretHash(secret),
      );
      return { keyId };
    },
    publishNotes: ({ status, ...facts }) =>
      deps.ledger.saveDocument(
        'release-notes',
        status.releaseId,
        renderReleaseNotes(status, facts),
      ),
  };
}

/** The log is append-only, so the ledger is asked first whether this pin has its entry. */
async function appendPin(
  deps: Pick<Deps, 'ledger' | 'log'>,
  input: LogPinInput,
): Promise<LogEntry | null> {
  if (input.transparencyLog === 'off') return null;
  const known = await deps.ledger.getDocument('log-entry', input.cause);
  if (known) {
    const { index, bundle } = JSON.parse(known) as { index: string; bundle: unknown };
    return { index, bundle: JSON.stringify(bundle) };
  }
  const statement: Statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      {
        name: `${channelRepository(input.svc, 'prod')}:stable`,
        digest: { sha256: input.digest.slice('sha256:'.length) },
      },
    ],
    predicateType: PIN_PREDICATE_TYPE,
    predicate: {
      channel: 'prod:stable',
      previous: input.previous,
      cause: input.cause,
      policyHash: input.policyHash,
      pinnedAt: input.pinnedAt,
    },
  };
  const { index, bundle } = await deps.log.append(KEY_IDS.release(input.region), statement);
  return { index, bundle: bundle.toString('utf8') };
}
