import { CycloneDxVex, OpenVex } from '../src/contract/schema/vex';
import type { Digest } from '../src/domain/digest';
import type { VexStatement } from '../src/domain/scan/vex';
import type { Json } from '../src/domain/verdict';

/** `cosign attest --type openvex` writes the first; versions may follow it. CycloneDX has no type of its own for VEX: its SBOMs have. */
const OPENVEX_TYPE = 'https://openvex.dev/ns';
const CYCLONEDX_VEX_TYPE = 'https://cyclonedx.org/vex';

export function isVexType(predicateType: string): boolean {
  return (
    predicateType === CYCLONEDX_VEX_TYPE ||
    predicateType === OPENVEX_TYPE ||
    predicateType.startsWith(`${OPENVEX_TYPE}/v`)
  );
}

type Signed = Pick<VexStatement, 'keyId' | 'source'>;
type Product = NonNullable<OpenVex['statements'][number]['products']>[number];

/** What the product names as itself, its purl and its hashes. */
function namesOf(product: Exclude<Product, string>): readonly string[] {
  const { '@id': id, identifiers, hashes = {} } = product;
  return [id, identifiers?.purl, ...Object.values(hashes)].filter((one) => one !== undefined);
}

function isSubject(product: Product, subject: Digest): boolean {
  const hex = subject.slice('sha256:'.length);
  const names = typeof product === 'string' ? [product] : namesOf(product);
  return names.some((name) => name.includes(hex));
}

function packagesOf(products: readonly Product[]): readonly string[] | null {
  const lists = products.map((product) =>
    typeof product === 'string' ? [] : (product.subcomponents ?? []),
  );
  // One that names no package is about the image as a whole.
  if (lists.some((list) => list.length === 0)) return [];
  const purls = lists
    .flat()
    .map((one) => (typeof one === 'string' ? one : (one.identifiers?.purl ?? one['@id'] ?? '')));
  return purls.every((purl) => purl.startsWith('pkg:')) ? purls : null;
}

function readOpenVex(document: OpenVex, subject: Digest, signed: Signed): readonly VexStatement[] {
  return document.statements.flatMap((one): readonly VexStatement[] => {
    const { vulnerability, products = [], status, justification = null } = one;
    const own = products.filter((product) => isSubject(product, subject));
    // Without products it is about what was signed.
    if (products.length > 0 && own.length === 0) return [];
    const named = own.length === 0 ? [] : packagesOf(own);
    // What can't be told clears nothing, and whatever it takes back may be any of it.
    if (named === null && status === 'not_affected') return [];
    const packages = named ?? [];
    const vulnerabilities =
      typeof vulnerability === 'string'
        ? [vulnerability]
        : [vulnerability.name, ...(vulnerability.aliases ?? [])];
    const at = one.last_updated ?? one.timestamp ?? document.timestamp ?? '';
    return [{ vulnerabilities, status, justification, packages, at, ...signed }];
  });
}

/** CycloneDX 1.7, impactAnalysisState; what is new counts as affected. */
function statusOf(state: string | undefined): VexStatement['status'] {
  if (state === 'not_affected') return 'not_affected';
  if (state === 'resolved' || state === 'resolved_with_pedigree') return 'fixed';
  return state === 'in_triage' ? 'under_investigation' : 'affected';
}

function readCycloneDx(
  { components = [], vulnerabilities, metadata }: CycloneDxVex,
  subject: Digest,
  signed: Signed,
): readonly VexStatement[] {
  const purls = new Map(components.map(({ 'bom-ref': ref, purl }) => [ref, purl]));
  const hex = subject.slice('sha256:'.length);
  return vulnerabilities.flatMap(({ id, updated, analysis, affects = [] }) => {
    const refs = affects.map(({ ref }) => purls.get(ref) ?? ref);
    const packages = refs.filter((ref) => ref.startsWith('pkg:') && !ref.includes(hex));
    const status = statusOf(analysis?.state);
    const isWhole = refs.length === 0 || refs.some((ref) => ref.includes(hex));
    const isUnclear = !isWhole && packages.length < refs.length;
    if (isUnclear && status === 'not_affected') return [];
    return [
      {
        vulnerabilities: [id],
        status,
        justification: analysis?.justification ?? null,
        packages: isWhole || isUnclear ? [] : packages,
        at: analysis?.lastUpdated ?? updated ?? metadata?.timestamp ?? '',
        ...signed,
      },
    ];
  });
}

/** Null when it is no VEX document. */
export function readVex(
  predicateType: string,
  predicate: Json,
  subject: Digest,
  signed: Signed,
): readonly VexStatement[] | null {
  if (predicateType === CYCLONEDX_VEX_TYPE) {
    const parsed = CycloneDxVex.safeParse(predicate);
    return parsed.success ? readCycloneDx(parsed.data, subject, signed) : null;
  }
  const parsed = OpenVex.safeParse(predicate);
  return parsed.success ? readOpenVex(parsed.data, subject, signed) : null;
}
