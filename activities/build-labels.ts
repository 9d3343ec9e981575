import { AUTHOR_LABEL, REQUESTED_AUTHOR_LABEL } from '../src/domain/authors';
import { requiredLabels, type Labels } from '../src/domain/labels';
import type { Service } from '../src/domain/service';
import { currentRunId, type ReleaseRef } from './verdicts';

interface LabelledBuild {
  readonly release: ReleaseRef;
  readonly service: Service;
  readonly version: string;
  readonly revision: string;
  readonly requestedAt: string;
  readonly author?: string;
  readonly path: string;
  /** Who wrote the commit, as git says; empty where it says nothing. */
  readonly writtenBy: readonly string[];
}

/** The same in every attempt of a run, so that a retried build is the same build. */
export function buildLabels(build: LabelledBuild): Labels {
  const required = requiredLabels({
    service: build.service,
    version: build.version,
    revision: build.revision,
    releaseId: build.release.releaseId,
    buildId: currentRunId(),
    created: build.requestedAt,
    source: build.path,
  });
  return {
    ...required,
    ...(build.writtenBy.length > 0 && { [AUTHOR_LABEL]: build.writtenBy.join(', ') }),
    ...(build.author !== undefined && { [REQUESTED_AUTHOR_LABEL]: build.author }),
  };
}
