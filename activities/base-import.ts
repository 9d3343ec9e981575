import type { BaseFamily } from '../src/domain/bases/family';
import type { Digest } from '../src/domain/digest';
import type { ScanPolicy } from '../src/domain/policy';
import type { Json } from '../src/domain/verdict';
import { copyBase } from './base-import-copy';
import { publishBase, signBase } from './base-import-publish';
import { resolveBase } from './base-import-resolve';
import { scanBase } from './base-import-scan';
import { verifyBase } from './base-import-verify';
import type { Deps } from './deps';

export interface Refusal {
  readonly ok: false;
  readonly reason: string;
  readonly remedy: string;
}

/** What a step found, or why the base may not come in: that is no error. */
export type Step<T> = { readonly ok: true; readonly value: T } | Refusal;

export interface ResolveBaseInput {
  readonly family: BaseFamily;
  readonly allowOlder: boolean;
  readonly transparencyLog: 'required' | 'off';
  /** RFC 3339: the day stands in the tag. */
  readonly at: string;
}

/** What the vendor offers. */
export interface ResolvedBase {
  readonly version: string;
  readonly digest: Digest;
  /** Of the vendor. */
  readonly sourceTag: string;
  /** Of our mirror. */
  readonly tag: string;
  /** Builds start from it already, and the custodian's signature holds. */
  readonly held: boolean;
}

export interface BaseStepInput {
  readonly family: BaseFamily;
  readonly digest: Digest;
  readonly requestedBy: string;
}

export interface ScanBaseInput extends BaseStepInput {
  readonly scan: ScanPolicy;
}

export interface SignBaseInput extends BaseStepInput {
  readonly resolved: ResolvedBase;
  readonly verifiedBy: string;
  /** Of the scan. */
  readonly evidence: Json;
  readonly transparencyLog: 'required' | 'off';
  /** RFC 3339. */
  readonly at: string;
}

/**
 * The steps of an import, each safe to repeat. Each throws REGISTRY_UNAVAILABLE and LEDGER_UNAVAILABLE; scanning SCANNER_UNAVAILABLE, signing
 * SIGNER_UNAVAILABLE and LOG_UNAVAILABLE.
 */
export interface BaseImportActivities {
  resolveBase(input: ResolveBaseInput): Promise<Step<ResolvedBase>>;
  /** By the rule of the family, before anything is copied; the value is what it was verified by. */
  verifyBase(input: BaseStepInput): Promise<Step<string>>;
  /** The bytes as they are, by digest; the value is how many. Nothing is written unless all of it may be. */
  copyBase(input: BaseStepInput): Promise<Step<number>>;
  /** The copy; the value is what the attestation says of it. */
  scanBase(input: ScanBaseInput): Promise<Step<Json>>;
  /** Signature and attestation of the import, by the base custodian. */
  signBase(input: SignBaseInput): Promise<void>;
  /** Tag and catalogue: from then on builds start from it. */
  publishBase(input: SignBaseInput): Promise<void>;
}

export type BaseImportDeps = Pick<
  Deps,
  | 'baseCatalogue'
  | 'baseVendors'
  | 'custodian'
  | 'ledger'
  | 'now'
  | 'scanner'
  | 'signer'
  | 'verifyVendor'
>;

export function createBaseImportActivities(deps: BaseImportDeps): BaseImportActivities {
  return {
    resolveBase: (input) => resolveBase(deps, input),
    verifyBase: (input) => verifyBase(deps, input),
    copyBase: (input) => copyBase(deps, input),
    scanBase: (input) => scanBase(deps, input),
    signBase: (input) => signBase(deps, input),
    publishBase: (input) => publishBase(deps, input),
  };
}
