/**
 * A package of an image, by what advisories are looked up: as the scanner's database is laid out, so that both find the same.
 */
export interface Component {
  /** `debian 12`, `alpine 3.22`, `Red Hat`, … for packages of a distribution; `npm`, `pip`, `go`, `maven`, … for those of a language. */
  readonly space: string;
  /** In `space`: the source package of a distribution, the normalised name of a language's. */
  readonly name: string;
  /** What versions of advisories are compared with: of the source package, epoch included. */
  readonly version: string;
  /** The installed package as people know it, normalised (purl-spec). */
  readonly purl: string;
}
