import type { BuildPolicy } from './policy';

/** One `FROM` and what follows it. */
export interface DockerfileStage {
  /** As written, e.g. `bases/go`. */
  readonly from: string;
  readonly name: string | null;
  /** The stage's last USER; null when it sets none. */
  readonly user: string | null;
  /** Images or stages named by `COPY --from` and `RUN --mount=from`. */
  readonly copiesFrom: readonly string[];
}

export interface DockerfileFacts {
  readonly stages: readonly DockerfileStage[];
  /** `# syntax=`: a frontend image that the builder would pull and run. */
  readonly syntax: string | null;
  /** Instructions whose end can be read in two ways, so that what follows could be hidden from us. */
  readonly unclear?: readonly string[];
}

export interface BuildRefusal {
  readonly code: 'BUILD_REFUSED' | 'LATEST_REFUSED' | 'BASE_REFUSED';
  readonly message: string;
  readonly remedy: string;
}

export interface DockerfileInspection {
  readonly multiStage: boolean;
  /** User of the final stage, inherited from an earlier stage it is built on; null = the base's. */
  readonly finalUser: string | null;
  /** Every image named, in order, without repeats: FROM, COPY --from, RUN --mount=from. */
  readonly images: readonly string[];
  /** Empty when the Dockerfile may be built, as far as the text alone tells. */
  readonly refusals: readonly BuildRefusal[];
}

const NUMBER = /^[+-]?\d+$/;

/**
 * Whether an image-spec `User` runs as root. Empty means root; uid 0 can be written in many ways.
 * A name is taken at its word: only the container's passwd file could tell more.
 */
export function isRootUser(user: string): boolean {
  const name = (user.split(':')[0] ?? '').trim();
  if (name === '' || name === 'root') {
    return true;
  }
  return NUMBER.test(name) && Number(name) === 0;
}

/** `name` without tag and digest. */
export function imageName(reference: string): string {
  const [withoutDigest = ''] = reference.split('@');
  const slash = withoutDigest.lastIndexOf('/');
  const colon = withoutDigest.indexOf(':', slash + 1);
  return colon < 0 ? withoutDigest : withoutDigest.slice(0, colon);
}

function usesLatest(reference: string): boolean {
  const [withoutDigest = ''] = reference.split('@');
  return /:latest$/i.test(withoutDigest);
}

/** Index of the stage before `before` that has this name, the latest one; -1 when it is an image. */
function stageNamed(stages: readonly DockerfileStage[], name: string, before: number): number {
  return stages
    .slice(0, before)
    .findLastIndex((stage) => stage.name?.toLowerCase() === name.toLowerCase());
}

/** `COPY --from` takes the number of a stage, too. */
function stageCopied(
  stages: readonly DockerfileStage[],
  reference: string,
  before: number,
): number {
  const named = stageNamed(stages, reference, before);
  if (named >= 0) {
    return named;
  }
  return /^\d+$/.test(reference) && Number(reference) < before ? Number(reference) : -1;
}

function namedImages(stages: readonly DockerfileStage[]): readonly string[] {
  const images = stages.flatMap((stage, index) => {
    const from = stageNamed(stages, stage.from, index) < 0 ? [stage.from] : [];
    const copied = stage.copiesFrom.filter((name) => stageCopied(stages, name, index) < 0);
    return [...from, ...copied];
  });
  return [...new Set(images)].filter((name) => name !== 'scratch');
}

/** The final stage's user; a stage built on another one inherits that one's. */
function finalUserOf(stages: readonly DockerfileStage[]): string | null {
  let index = stages.length - 1;
  while (index >= 0) {
    const stage = stages[index];
    if (!stage || stage.user !== null) {
      return stage?.user ?? null;
    }
    index = stageNamed(stages, stage.from, index);
  }
  return null;
}

function imageRefusals(images: readonly string[]): BuildRefusal[] {
  return images.flatMap((image): BuildRefusal[] => {
    if (image.includes('$')) {
      return [
        {
          code: 'BUILD_REFUSED',
          message: `The image "${image}" is named by a variable, so it cannot be judged before the build.`,
          remedy: 'Write the name of an allow-listed base image.',
        },
      ];
    }
    return usesLatest(image)
      ? [
          {
            code: 'LATEST_REFUSED',
            message: `The Dockerfile names "${image}": the tag latest is refused.`,
            remedy: `Write "${imageName(image)}" alone; the builder pins it by digest.`,
          },
        ]
      : [];
  });
}

/** What the text of a Dockerfile alone decides. The built image's user is checked again afterwards. */
export function inspectDockerfile(
  facts: DockerfileFacts,
  policy: Pick<BuildPolicy, 'multiStage' | 'refuseRoot'>,
): DockerfileInspection {
  const { stages, syntax } = facts;
  const images = namedImages(stages);
  const finalUser = finalUserOf(stages);
  const multiStage = stages.length > 1;
  const refusals = imageRefusals(images);
  const refuse = (message: string, remedy: string): void => {
    refusals.push({ code: 'BUILD_REFUSED', message, remedy });
  };
  if (stages.length === 0) {
    refuse('The Dockerfile has no FROM.', 'Start a stage with FROM.');
  }
  if (syntax !== null) {
    refuse(
      `The Dockerfile asks for the frontend "${syntax}", which is code from outside the allow-list.`,
      'Remove the "# syntax=" line; the builder brings its own frontend.',
    );
  }
  for (const instruction of facts.unclear ?? []) {
    refuse(
      `It is unclear where the here-document of "${instruction}" ends.`,
      'Write it plainly: <<EOF after a space, outside of quotes, without a backslash before it.',
    );
  }
  if (policy.multiStage && stages.length === 1) {
    refuse(
      'The Dockerfile has a single stage; multi-stage builds are required.',
      'Build in a first stage and COPY --from it into a small final stage.',
    );
  }
  if (policy.refuseRoot && finalUser !== null && isRootUser(finalUser)) {
    refuse(
      `The final stage runs as root (USER ${finalUser}).`,
      'Set a non-root user in the final stage, e.g. USER 65532:65532.',
    );
  }
  return { multiStage, finalUser, images, refusals };
}

/** The built image's own config, which no Dockerfile text can hide. Null = may go on. */
export function refuseRootImage(
  user: string,
  policy: Pick<BuildPolicy, 'refuseRoot'>,
): BuildRefusal | null {
  if (!policy.refuseRoot || !isRootUser(user)) {
    return null;
  }
  const shown = user === '' ? 'no user, which means root' : `user "${user}", which is root`;
  return {
    code: 'BUILD_REFUSED',
    message: `The image has ${shown}.`,
    remedy: 'Set a non-root user in the final stage, e.g. USER 65532:65532.',
  };
}
