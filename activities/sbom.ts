import { createHash } from 'node:crypto';
import { log } from '@temporalio/activity';
import { failureReason } from '../src/contract/error-reason';
import { cyclonedxErrors } from '../src/contract/schema/cyclonedx';
import { parseDigest, type Digest } from '../src/domain/digest';
import { appRepository } from '../src/domain/reference';
import { judgeSbom } from '../src/domain/sbom';
import type { Service } from '../src/domain/service';
import type { Json, Verdict } from '../src/domain/verdict';
import { SBOM_ARTIFACT_TYPE } from '../src/ports/signer';
import type { Deps } from './deps';
import { heartbeating } from './heartbeat';
import { indexSbom, type SbomToIndex } from './index-sbom';
import { recordVerdict, type ReleaseRef } from './verdicts';

export interface CreateSbomInput {
  readonly release: ReleaseRef;
  readonly service: Service;
  readonly digest: Digest;
  /** RFC 3339: stands in the document, so that an attempt made again makes the same bytes. */
  readonly createdAt: string;
}

export interface CreateSbomResult {
  readonly verdict: Verdict;
  /** Digest of the attached artifact; absent when the SBOM was refused. */
  readonly sbomDigest?: Digest;
}

export interface SbomActivities {
  createSbom(input: CreateSbomInput): Promise<CreateSbomResult>;
}

type SbomDeps = Pick<Deps, 'componentIndex' | 'scanner' | 'registry' | 'ledger' | 'now'>;

export function createSbomActivities(deps: SbomDeps): SbomActivities {
  return { createSbom: (input) => createSbom(deps, input) };
}

async function createSbom(deps: SbomDeps, input: CreateSbomInput): Promise<CreateSbomResult> {
  const { release, service, digest, createdAt } = input;
  const image = { repository: appRepository(service.svc, service.name), digest };
  const made = await heartbeating((signal) => deps.scanner.generateSbom(image, signal));
  const document = parse(made);
  const payload = document ? stabilize(document, digest, createdAt) : made;
  const stable = document ? parse(payload) : null;
  const sbom = sha256(payload);
  const verdict = judgeSbom({
    subject: digest,
    document: stable,
    schemaErrors: stable ? cyclonedxErrors(stable) : [],
    documentDigest: sbom,
  });
  const recorded = await recordVerdict(deps, release, verdict);
  if (verdict.outcome !== 'pass') return { verdict: recorded };
  const artifact = await deps.registry.attach({
    subject: image,
    artifactType: SBOM_ARTIFACT_TYPE,
    mediaType: SBOM_ARTIFACT_TYPE,
    payload,
    annotations: { 'org.opencontainers.image.created': createdAt },
  });
  await index(deps, { digest, sbom, document: stable });
  return { verdict: recorded, sbomDigest: artifact.digest };
}

/** No release waits for it: what is not indexed counts as missing, and the advisory watch reads it from the registry. */
async function index(deps: SbomDeps, one: SbomToIndex): Promise<void> {
  try {
    await indexSbom(deps, one);
  } catch (error) {
    log.warn('not indexed, the advisory watch will', {
      digest: one.digest,
      error: failureReason(error),
    });
  }
}

type JsonObject = Readonly<Record<string, Json>>;

function parse(bytes: Buffer): JsonObject | null {
  try {
    const document: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof document === 'object' && document !== null && !Array.isArray(document)
      ? (document as JsonObject)
      : null;
  } catch {
    return null;
  }
}

/** Serial number and time follow from the image and the request: the same image gives the same bytes, attached once. */
function stabilize(document: JsonObject, digest: Digest, createdAt: string): Buffer {
  const hex = createHash('sha256').update(`${digest} ${createdAt}`).digest('hex');
  // RFC 9562, section 5.8: version 8, variant 10.
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  const metadata = (document['metadata'] ?? {}) as JsonObject;
  return Buffer.from(
    JSON.stringify({
      ...document,
      serialNumber: `urn:uuid:${uuid}`,
      metadata: { ...metadata, timestamp: createdAt },
    }),
  );
}

function sha256(bytes: Buffer): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}
