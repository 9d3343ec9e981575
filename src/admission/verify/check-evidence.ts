import { inParallel } from '../../contract/in-parallel';
import type { ImageRule } from '../../domain/admission/fault';
import type { Manifest, Registry } from '../../ports/registry';
import { PREDICATE_TYPES } from '../../ports/signer';
import { isRunnable } from '../../domain/registry/runnable';
import { findBundles, type Attested, type BundleReader, type Wanted } from './bundles';
import { checkProvenance, type ProvenanceRules } from './check-provenance';
import { CLEAN, faulty, joined, lapsed, settle, type Finding, type Settling } from './finding';

export interface EvidenceReader extends BundleReader {
  readonly registry: Pick<Registry, 'listReferrers' | 'getArtifact' | 'getManifest'>;
  readonly maxChildren: number;
  readonly settling: Settling;
}

type Signed = Pick<Wanted, 'image' | 'keyId' | 'firstSeen'>;

const PARALLEL = 6;

function missing(rule: ImageRule, what: string, { keyId }: Signed, found?: Attested): Finding {
  if (found?.ok === true) return CLEAN;
  const text = `It has no ${what} of ${keyId}: ${found?.why ?? 'none was looked for'}.`;
  // Anyone who may push can attach more than is read.
  return found?.partial === true ? lapsed(rule, text) : faulty(rule, text);
}

async function checkChild(reader: EvidenceReader, child: Signed): Promise<Finding> {
  const [{ manifests }, found] = await Promise.all([
    reader.registry.getManifest(child.image),
    findBundles(reader, { ...child, predicateTypes: [PREDICATE_TYPES.signature] }),
  ]);
  const { digest } = child.image;
  const nested =
    manifests.length === 0 ? CLEAN : faulty('malformed', `Its child ${digest} is an index.`);
  const what = `signature on its child ${digest}`;
  const signed = missing('child-signature', what, child, found.get(PREDICATE_TYPES.signature));
  return joined([nested, signed]);
}

/** One bad child is a bad index: which child runs is the node's choice. */
async function checkChildren(
  reader: EvidenceReader,
  { image, ...signed }: Signed,
  { manifests }: Manifest,
): Promise<Finding> {
  const children = manifests.filter(isRunnable);
  const covers = [image.digest, ...children.map(({ digest }) => digest)];
  if (children.length > reader.maxChildren) {
    return {
      ...faulty(
        'malformed',
        `It holds ${children.length} images; at most ${reader.maxChildren} are read.`,
      ),
      covers,
    };
  }
  const findings = await inParallel(children, PARALLEL, ({ digest }) =>
    settle(
      () => checkChild(reader, { ...signed, image: { repository: image.repository, digest } }),
      reader.settling,
    ),
  );
  return { ...joined(findings), covers };
}

/** What is attached to a released image: signatures of image, SBOM and provenance, and what the provenance says. */
async function checkAttached(
  reader: EvidenceReader,
  signed: Signed,
  rules: ProvenanceRules,
): Promise<Finding> {
  const { signature, sbom, provenance } = PREDICATE_TYPES;
  const predicateTypes = [signature, sbom, provenance];
  const found = await findBundles(reader, { ...signed, predicateTypes });
  const attested = found.get(provenance);
  const built =
    attested?.ok === true
      ? await settle(
          () => checkProvenance(rules, signed.image.digest, attested.bundle.statement.predicate),
          reader.settling,
        )
      : missing('provenance', 'signed provenance', signed, attested);
  return joined([
    missing('signature', 'signature', signed, found.get(signature)),
    missing('sbom', 'signed SBOM', signed, found.get(sbom)),
    built,
  ]);
}

/** A released image. Each part to its end: what is bad is told, although another part could not be read. */
export async function checkReleased(
  reader: EvidenceReader,
  signed: Signed,
  rules: ProvenanceRules,
): Promise<Finding> {
  const children = async (): Promise<Finding> =>
    checkChildren(reader, signed, await reader.registry.getManifest(signed.image));
  return joined(
    await Promise.all([
      settle(() => checkAttached(reader, signed, rules), reader.settling),
      settle(children, reader.settling),
    ]),
  );
}

/** A base or a tool: its custodian's signature. An index names its children by digest. */
export async function checkSystem(reader: EvidenceReader, signed: Signed): Promise<Finding> {
  const { signature } = PREDICATE_TYPES;
  const attached = async (): Promise<Finding> => {
    const found = await findBundles(reader, { ...signed, predicateTypes: [signature] });
    return missing('signature', 'signature', signed, found.get(signature));
  };
  const children = async (): Promise<Finding> => {
    const { manifests } = await reader.registry.getManifest(signed.image);
    const runnable = manifests.filter(isRunnable).map(({ digest }) => digest);
    return { ...CLEAN, covers: [signed.image.digest, ...runnable] };
  };
  return joined(
    await Promise.all([settle(attached, reader.settling), settle(children, reader.settling)]),
  );
}
