import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { ReleaseError } from '../../../contract/errors';
import { inTotoStatement } from '../../../contract/schema/slsa';
import { VERDICTS_PREDICATE_TYPE } from '../../../domain/evidence-predicate';
import { isDigest } from '../../../domain/digest';
import { bindsSubject } from '../../../domain/provenance';
import { GATES, VERDICT_OUTCOMES } from '../../../domain/verdict';
import type { ReplayableVerdict } from './replay-verdicts';

export interface VerdictFile {
  readonly digest: string | undefined;
  readonly verdicts: readonly ReplayableVerdict[];
}

const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_DOCUMENTS = 100;

/** What `verdict show --json` prints and what the predicate holds: the same as far as a replay needs it. */
const Verdicts = z.object({
  digest: z.string().max(255).optional(),
  verdicts: z
    .array(
      z.object({
        gate: z.enum(GATES),
        subject: z.string().max(512),
        outcome: z.enum(VERDICT_OUTCOMES),
        evidence: z.unknown(),
      }),
    )
    .max(1_000),
});

/** DSSE, "Envelope"; as `cosign verify-attestation` prints it. */
const Envelope = z.object({
  payloadType: z.literal('application/vnd.in-toto+json'),
  payload: z.string(),
});
const Bundle = z.object({ dsseEnvelope: Envelope });

/** Whether there is such a file; else the name is one of a release. */
export async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

/**
 * Verdicts from a file: what `verdict show --json` printed, the predicate of the attestation, its statement, DSSE
 * envelope or bundle, or lines of these. Signatures are not looked at.
 *
 * @throws ReleaseError INVALID_INPUT
 */
export async function readVerdictFile(file: string): Promise<readonly VerdictFile[]> {
  const documents = parseDocuments(await readText(file), file);
  return documents.map((document) => readDocument(document, file));
}

async function readText(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > MAX_FILE_BYTES) throw refuse(file, `it is larger than ${MAX_FILE_BYTES} bytes`);
  return readFile(file, 'utf8');
}

function parseDocuments(text: string, file: string): readonly unknown[] {
  const whole = parseJson(text);
  if (whole !== undefined) return [whole];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const documents = lines.slice(0, MAX_DOCUMENTS).map((line) => parseJson(line));
  if (documents.length === 0 || documents.includes(undefined)) throw refuse(file, 'it is not JSON');
  return documents;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function readDocument(document: unknown, file: string): VerdictFile {
  const bundle = Bundle.safeParse(document);
  const envelope = Envelope.safeParse(bundle.data?.dsseEnvelope ?? document);
  const content = envelope.success ? decode(envelope.data.payload) : document;
  const statement = inTotoStatement.safeParse(content);
  const read = Verdicts.safeParse(statement.success ? statement.data.predicate : content);
  if (!read.success) throw refuse(file, 'it holds no verdicts of a release');
  const { digest, verdicts } = read.data;
  if (statement.success) {
    const { predicateType, subject } = statement.data;
    if (predicateType !== VERDICTS_PREDICATE_TYPE) {
      throw refuse(file, `its predicate type is ${predicateType}`);
    }
    if (digest === undefined || !isDigest(digest) || !bindsSubject(subject, digest)) {
      throw refuse(file, `the statement is not about ${digest ?? 'a digest'}`);
    }
  }
  return { digest, verdicts };
}

function decode(payload: string): unknown {
  return parseJson(Buffer.from(payload, 'base64').toString('utf8'));
}

function refuse(file: string, why: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', `${file} can't be replayed: ${why}`, {
    details: {
      field: 'release or file',
      remedy: 'give what "plura reg verdict show RELEASE --json" prints, or the attestation',
    },
  });
}
