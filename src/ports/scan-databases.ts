import type { DatabaseKind } from '../domain/advisories/database-mirror';
import type { Digest } from '../domain/digest';
import type { Registry } from './registry';

export interface InspectedDatabase {
  /** Of the file. */
  readonly fileDigest: Digest;
  /** RFC 3339 */
  readonly updatedAt: string;
  /** Null for a kind that has none. */
  readonly canaryFound: boolean | null;
}

/** Where databases are brought from. */
export interface DatabaseSource {
  readonly registry: Pick<Registry, 'downloadBlob' | 'getBlob' | 'getManifest' | 'resolve'>;
  readonly kind: DatabaseKind;
  readonly repository: string;
  readonly reference: string;
  /** As people read it. */
  readonly name: string;
}

/** Databases of the scanner on this machine. */
export interface ScanDatabases {
  /**
   * What is in a layer, unpacked apart from what scans go by.
   *
   * @throws ReleaseError INVALID_INPUT when it is no such layer; SCANNER_UNAVAILABLE
   */
  inspect(kind: DatabaseKind, layerFile: string, signal: AbortSignal): Promise<InspectedDatabase>;
  /** Scans go by the mirror's newest from now on; those under way end with what they have. Throws SCANNER_UNAVAILABLE. */
  refresh(): Promise<void>;
}
