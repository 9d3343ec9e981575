import type { Digest } from '../digest';
import { checkLabels, type Labels } from '../labels';
import { kindOfMediaType, roleOf, type ManifestFacts } from './manifest-facts';
import { ALLOWED, refuse, type Ruling } from './refusal';
import type { RepositoryClass } from './repository-class';
import { natureOf } from './tag-rules';

/** An index of an app, and what is below it, all counted. */
export const MAX_INDEX_CHILDREN = 500;
/** What is read to judge an index: 500 images of usual size have a third of it. */
export const MAX_INDEX_BYTES = 64 * 1024 * 1024;
/** An index of indexes of indexes. */
export const MAX_INDEX_DEPTH = 3;

const CHART_LAYER = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const CHART_PROVENANCE = 'application/vnd.cncf.helm.chart.provenance.v1.prov';

function invalid(rule: string, message: string, remedy: string): Ruling {
  return refuse({ code: 'MANIFEST_INVALID', rule, message, remedy });
}

export interface ManifestPut {
  readonly repository: RepositoryClass;
  /** Null when pushed by digest. */
  readonly tag: string | null;
  readonly facts: ManifestFacts;
}

/** Whether a manifest of this kind belongs there. What its blobs say is judged apart, once they are read. */
export function judgeContent(put: ManifestPut): Ruling {
  const { repository, tag, facts } = put;
  const nature = tag === null ? null : natureOf(repository, tag);
  if (nature === 'referrers') {
    return facts.kind === 'index'
      ? ALLOWED
      : invalid(
          'referrers-tag-index',
          'A tag sha256-HEX holds the index of referrers, nothing else',
          'push the artifact by digest with a subject',
        );
  }
  if (nature === 'companion' && ['app', 'chart', 'channel', 'base'].includes(repository.kind)) {
    return ['attestation', 'artifact'].includes(roleOf(facts))
      ? ALLOWED
      : invalid(
          'companion-content',
          'A tag sha256-HEX.sig, .att or .sbom holds a signature, attestation or SBOM',
          'push images under {semver}_{gitsha}',
        );
  }
  switch (repository.kind) {
    case 'app':
    case 'channel':
      return judgeApp(put);
    case 'chart':
      return judgeChartManifest(put);
    default:
      return ALLOWED;
  }
}

function judgeApp({ tag, facts }: ManifestPut): Ruling {
  const role = roleOf(facts);
  if (role === 'image') return ALLOWED;
  if (role === 'index') return judgeIndex(facts);
  if (role === 'chart') {
    return invalid('app-content', 'A Helm chart is no image', 'push it to charts/{svc}');
  }
  if (tag !== null) {
    return invalid(
      'app-content',
      'A version tag names an image',
      'push artifacts by digest with a subject',
    );
  }
  return role === 'attestation' || facts.subject !== null
    ? ALLOWED
    : invalid(
        'app-content',
        'An app holds images, and artifacts that are about an image',
        'name the image as the subject (oras attach, cosign attest)',
      );
}

function judgeIndex({ children }: ManifestFacts): Ruling {
  if (children.length > MAX_INDEX_CHILDREN) return tooManyChildren();
  const stranger = children.find(({ mediaType }) => kindOfMediaType(mediaType) === null);
  return stranger
    ? invalid(
        'index-children',
        `The index names ${stranger.digest}, which is no manifest but ${stranger.mediaType}`,
        'an index of an app names images and attestations',
      )
    : ALLOWED;
}

export function tooManyChildren(): Ruling {
  return invalid(
    'index-size',
    `The index holds more than ${MAX_INDEX_CHILDREN} manifests`,
    'split it',
  );
}

export function tooMuchToRead(): Ruling {
  return invalid(
    'index-size',
    `The manifests below the index and their configs have more than ${MAX_INDEX_BYTES} bytes`,
    'split it',
  );
}

export function tooDeep(): Ruling {
  return invalid(
    'index-depth',
    `Indexes within indexes are taken ${MAX_INDEX_DEPTH} deep`,
    'name the images in the outer index',
  );
}

function judgeChartManifest({ tag, facts }: ManifestPut): Ruling {
  const role = roleOf(facts);
  if (role !== 'chart') {
    // An image stays one whatever it is about: its labels would be asked for nowhere.
    return tag === null && facts.subject !== null && role !== 'image'
      ? ALLOWED
      : invalid(
          'chart-content',
          'This is no Helm chart',
          'helm package and helm push; images go to apps/{svc}/{name}',
        );
  }
  const contents = facts.layers.filter(({ mediaType }) => mediaType === CHART_LAYER);
  const others = facts.layers.filter(
    ({ mediaType }) => mediaType !== CHART_LAYER && mediaType !== CHART_PROVENANCE,
  );
  return contents.length === 1 && others.length === 0
    ? ALLOWED
    : invalid(
        'chart-content',
        'A chart has one layer with its files, and at most its provenance beside it',
        'helm package and helm push',
      );
}

export interface ChartSaid {
  readonly svc: string;
  /** Null when pushed by digest. */
  readonly tag: string | null;
  /** Of the chart's Chart.yaml, as its config blob repeats it. */
  readonly name: string;
  readonly version: string;
}

/** A chart is found by name and version, so the registry may say nothing else than the chart itself. */
export function judgeChart({ svc, tag, name, version }: ChartSaid): Ruling {
  if (name !== svc) {
    return invalid(
      'chart-name',
      `The chart calls itself "${name}", the repository is charts/${svc}`,
      'push it to charts/{name}, or rename it in Chart.yaml',
    );
  }
  // Helm writes the + of build metadata as _ (helm.sh/docs/topics/registries).
  return tag === null || version.replaceAll('+', '_') === tag
    ? ALLOWED
    : invalid(
        'chart-version',
        `The chart is version "${version}", the tag says "${tag}"`,
        'helm push takes the tag from Chart.yaml',
      );
}

export interface PlatformImage {
  readonly digest: Digest;
  /** `os/architecture`, as the config says. */
  readonly platform: string;
  readonly labels: Labels;
}

const MAX_NAMED = 5;

/** Every image that someone could run from here carries its labels: one platform without them is enough to refuse. */
export function judgeImages(
  { tag }: Pick<ManifestPut, 'tag'>,
  images: readonly PlatformImage[],
  required: readonly string[],
): Ruling {
  if (images.length === 0) {
    return tag === null
      ? ALLOWED
      : invalid('app-content', 'The index holds no image', 'a version tag names an image');
  }
  const bad = images.flatMap(({ digest, platform, labels }) => {
    const decision = checkLabels(labels, required);
    return decision.accepted ? [] : [{ digest, platform, ...decision }];
  });
  if (bad.length === 0) return ALLOWED;
  const named = bad.slice(0, MAX_NAMED).map(({ platform, message }) => `${platform}: ${message}`);
  const more = bad.length > MAX_NAMED ? ` And ${bad.length - MAX_NAMED} more.` : '';
  return refuse({
    code: 'MANIFEST_INVALID',
    rule: 'required-labels',
    message: `${named.join(' ')}${more}`,
    remedy: 'set them in the build (docker build --label, LABEL in the Dockerfile)',
    detail: {
      labels: [...new Set(bad.flatMap(({ missing, wrong }) => [...missing, ...wrong]))],
      platforms: [...new Set(bad.map(({ platform }) => platform))].slice(0, MAX_INDEX_CHILDREN),
    },
  });
}
