import type { RegistryCredentials } from '../../contract/docker-config';
import type { DatabaseFolder } from './folder';

export interface TrivyOptions {
  /** The trivy binary. */
  readonly trivy: string;
  /** Holds `db/trivy.db` and `db/metadata.json`. Never written. */
  readonly cacheDir: string;
  /** Where databases change meanwhile, in place of `cacheDir`. */
  readonly folder?: DatabaseFolder;
  /** Host and port of the registry. */
  readonly registryHost: string;
  /** The registry speaks plain HTTP or has a certificate nobody signed. */
  readonly insecure: boolean;
  /** For the image whose SBOM is made. */
  readonly credentials?: RegistryCredentials;
  readonly timeoutMs: number;
  /** A CycloneDX document with a component that every sane database flags. */
  readonly canarySbom: Buffer;
  /** The vulnerability that must be found in the canary SBOM. */
  readonly canaryId: string;
  /** Reported as the scanner's version where the binary does not know its own. */
  readonly version?: string;
  /** Environment of trivy; nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>;
}
