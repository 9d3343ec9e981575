import { AUTHOR_LABEL } from '../src/domain/authors';
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
  return build.author === undefined ? required : { ...required, [AUTHOR_LABEL]: build.author };
}
