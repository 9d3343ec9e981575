import { AsyncLocalStorage } from 'node:async_hooks';
import { ReleaseError } from '../../contract/errors';
import { imageReference, type ImageRef } from '../../domain/reference';
import type { Manifest, Registry } from '../../ports/registry';
import { createEvidenceSource, type Evidence, type EvidenceSource } from './evidence';
import { ociHttpOf, registryBy, type OciRegistryOptions } from './oci-registry';
import { readArtifact } from './read-artifact';
import { chooseReferrers } from './referrers';

export interface ReviewingRegistry {
  readonly registry: Registry;
  /** Reads of `work` may be answered from one read of all evidence; after it nothing of that is kept. */
  readonly inReview: <T>(work: () => Promise<T>) => Promise<T>;
}

/** What one review was told. */
interface Told {
  readonly asked: Map<string, Promise<Evidence | null>>;
  readonly evidence: { readonly repository: string; readonly evidence: Evidence }[];
}

type Reads = Pick<Registry, 'getManifest' | 'getBlob' | 'listReferrers' | 'getArtifact'>;

/** It may have been deleted since it was listed. */
async function orNull(reading: Promise<Manifest>): Promise<Manifest | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'DIGEST_NOT_FOUND') return null;
    throw error;
  }
}

/** What has been told of an image; asks for it when nothing was. */
function createTelling(source: EvidenceSource): {
  readonly reviews: AsyncLocalStorage<Told>;
  readonly about: (image: ImageRef) => Evidence | null;
  readonly askedAbout: (image: ImageRef) => Promise<Evidence | null>;
} {
  const reviews = new AsyncLocalStorage<Told>();
  const underway = new Map<string, Promise<Evidence | null>>();

  /** Reviews of the same image that come at once share one read. */
  function shared(image: ImageRef): Promise<Evidence | null> {
    const key = imageReference(image);
    const asking = underway.get(key) ?? source.ask(image).finally(() => underway.delete(key));
    underway.set(key, asking);
    return asking;
  }

  const about = ({ repository, digest }: ImageRef): Evidence | null =>
    reviews
      .getStore()
      ?.evidence.find((one) => one.repository === repository && one.evidence.mentions(digest))
      ?.evidence ?? null;

  return {
    reviews,
    about,
    askedAbout: async (image) => {
      const told = reviews.getStore();
      if (!told) return null;
      const known = about(image);
      if (known) return known;
      const key = imageReference(image);
      const { repository } = image;
      const asking =
        told.asked.get(key) ??
        shared(image).then((evidence) => {
          if (evidence) told.evidence.push({ repository, evidence });
          return evidence;
        });
      told.asked.set(key, asking);
      return asking;
    },
  };
}

/**
 * Answers the reads of a review from the evidence of its images. What that lacks, or holds with other bytes than its digest's, is
 * read from the registry, whose word is the last.
 */
export function reviewedBy(registry: Registry, source: EvidenceSource): ReviewingRegistry {
  const { reviews, about, askedAbout } = createTelling(source);
  const told: Pick<Reads, 'getManifest' | 'getBlob'> = {
    getManifest: async (image) =>
      about(image)?.manifest(image.digest) ?? (await registry.getManifest(image)),
    getBlob: async (image, maxBytes) => {
      const bytes = about(image)?.blob(image.digest) ?? null;
      return bytes && bytes.length <= maxBytes ? bytes : registry.getBlob(image, maxBytes);
    },
  };
  const reads: Reads = {
    ...told,
    getManifest: async (image) => {
      await askedAbout(image);
      return told.getManifest(image);
    },
    listReferrers: async (subject, artifactType) => {
      const { repository } = subject;
      const listed = (await askedAbout(subject))?.referrers(subject.digest);
      // Only what it was asked for is in it.
      if (!listed || artifactType !== source.artifactType) {
        return registry.listReferrers(subject, artifactType);
      }
      return chooseReferrers(listed, artifactType, (digest) =>
        orNull(told.getManifest({ repository, digest })),
      );
    },
    getArtifact: (image, maxBytes) => readArtifact(told, image, maxBytes),
  };
  return {
    registry: { ...registry, ...reads },
    inReview: (work) => reviews.run({ asked: new Map(), evidence: [] }, work),
  };
}

/** A registry for reviews of images; behind our gateway they cost one read each. `artifactType`: that of the evidence. */
export function createReviewingRegistry(
  options: OciRegistryOptions & { readonly artifactType: string },
): ReviewingRegistry {
  const { artifactType, ...connection } = options;
  const http = ociHttpOf(connection);
  return reviewedBy(registryBy(http), createEvidenceSource(http, artifactType));
}
