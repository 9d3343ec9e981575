import type { Json } from '../verdict';
import type { Component } from './component';

export interface SbomComponents {
  readonly components: readonly Component[];
  /** Kinds of packages that the scanner judges and we do not, as people read it; such an image is left to the scanner. */
  readonly uncovered: readonly string[];
}

/** What advisories are looked up by, of a CycloneDX document as Trivy writes or reads it. */
export declare function componentsOf(sbom: Json): SbomComponents;
