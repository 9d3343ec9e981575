import { mirrorOf, sourceName } from '../src/domain/bases/family';
import type { Json } from '../src/domain/verdict';
import { KEY_IDS } from '../src/ports/signer';
import type { BaseImportDeps, SignBaseInput } from './base-import';
import { attachBundle, obtainBundle, signatureStatement, statementFor } from './bundles';
import { heartbeating } from './heartbeat';

/** What the custodian attests beside the signature: where a base came from, and how that was known. */
const IMPORT_PREDICATE_TYPE = 'https://plura.dev/attestations/base-import/v1';

function importPredicate(input: SignBaseInput): Json {
  const { family, digest, resolved, verifiedBy, evidence, requestedBy, at } = input;
  return {
    family: family.name,
    version: resolved.version,
    source: { name: sourceName(family.source), tag: resolved.sourceTag, digest },
    verification: { rule: family.signature.kind, by: verifiedBy },
    scan: evidence,
    importedBy: requestedBy,
    importedAt: at,
  };
}

/** One after the other: a subject has one writer. */
export async function signBase(deps: BaseImportDeps, input: SignBaseInput): Promise<void> {
  const { family, digest, transparencyLog, at } = input;
  const image = { repository: mirrorOf(family.name), digest };
  const bundles = { registry: deps.custodian, signer: deps.signer };
  const statements = [
    statementFor(digest, IMPORT_PREDICATE_TYPE, importPredicate(input)),
    signatureStatement(digest),
  ];
  await heartbeating(async () => {
    for (const statement of statements) {
      const { predicateType } = statement;
      const log = transparencyLog === 'required';
      const query = { image, predicateType, keyId: KEY_IDS.bases, log };
      await attachBundle(bundles, query, await obtainBundle(bundles, query, statement), at);
    }
  });
}

/** The tag is for people and retention; builds go by the catalogue. */
export async function publishBase(deps: BaseImportDeps, input: SignBaseInput): Promise<void> {
  const { family, digest, resolved, verifiedBy, requestedBy, at } = input;
  const repository = mirrorOf(family.name);
  await deps.custodian.putTag({ repository, digest }, resolved.tag);
  await deps.baseCatalogue.add({
    ...{ family: family.name, version: resolved.version, repository, tag: resolved.tag, digest },
    source: `${sourceName(family.source)}:${resolved.sourceTag}`,
    sourceDigest: digest,
    ...{ verifiedBy, importedAt: at, importedBy: requestedBy, withdrawnAt: null },
  });
  const details = { version: resolved.version, digest, verifiedBy };
  const entry = { at, actor: requestedBy, action: 'base.imported', svc: '', subject: family.name };
  await deps.ledger.appendAudit({ ...entry, details }, `base.imported:${digest}:${at}`);
}
