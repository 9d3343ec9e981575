import type { DockerfileFacts, DockerfileStage, ImageMention } from './dockerfile/facts';
import { resolveImages } from './dockerfile/images';
import type { BuildRefusal } from './dockerfile/refusal';
import { refuseRemotes } from './dockerfile/remotes';
import type { BuildPolicy } from './policy';

export { imageName } from './dockerfile/images';
export type { BuildRefusal } from './dockerfile/refusal';

export interface DockerfileInspection {
  readonly multiStage: boolean;
  /** User of the final stage, inherited from an earlier stage it is built on; null = the base's. */
  readonly finalUser: string | null;
  /** Every image named, in order, without repeats: FROM, COPY --from, RUN --mount=from; variables resolved. With more than 500 it is refused. */
  readonly images: readonly string[];
  /** Where each stands. */
  readonly mentions: readonly ImageMention[];
  /** Empty when the Dockerfile may be built, as far as the text alone tells. */
  readonly refusals: readonly BuildRefusal[];
}

const NUMBER = /^[+-]?\d+$/;
const MAX_SHOWN = 120;
/** Of each kind: what is wrong a thousand times is told a few times. */
const MAX_REFUSALS = 50;
/** More than any Dockerfile names; each is looked up, and told of. */
const MAX_IMAGES = 500;

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

/** The final stage's user; a stage built on another one inherits that one's. */
function finalUserOf(
  stages: readonly DockerfileStage[],
  builtOn: readonly (number | null)[],
): string | null {
  let index: number | null = stages.length - 1;
  while (index !== null && index >= 0) {
    const user: string | null = stages[index]?.user ?? null;
    if (user !== null) return user;
    index = builtOn[index] ?? null;
  }
  return null;
}

function refuseText(facts: DockerfileFacts): readonly BuildRefusal[] {
  const code = 'BUILD_REFUSED';
  const unclear = facts.unclear.map(({ line, text, why }): BuildRefusal => {
    const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
    const where = text === '' ? 'The Dockerfile can be read in two ways' : `"${shown}"`;
    return {
      code,
      line,
      message: `${where}: ${why}.`,
      remedy: 'Write it so that it can be read in one way only.',
    };
  });
  const syntax: readonly BuildRefusal[] =
    facts.syntax === null
      ? []
      : [
          {
            code,
            line: 1,
            message: `The Dockerfile asks for the frontend "${facts.syntax}", which is code from outside the allow-list.`,
            remedy: 'Remove the "# syntax=" line; the builder brings its own frontend.',
          },
        ];
  return [...syntax, ...unclear.slice(0, MAX_REFUSALS)];
}

/** What the text of a Dockerfile alone decides. The built image's user is checked again afterwards. */
export function inspectDockerfile(
  facts: DockerfileFacts,
  policy: Pick<BuildPolicy, 'multiStage' | 'refuseRoot' | 'remoteSources'>,
): DockerfileInspection {
  const { stages } = facts;
  const resolved = resolveImages(facts);
  const finalUser = finalUserOf(stages, resolved.builtOn);
  const multiStage = stages.length > 1;
  const refusals = [
    ...refuseText(facts),
    ...resolved.refusals.slice(0, MAX_REFUSALS),
    ...refuseRemotes(facts.remotes, policy.remoteSources ?? []).slice(0, MAX_REFUSALS),
  ];
  const refuse = (message: string, remedy: string): void => {
    refusals.push({ code: 'BUILD_REFUSED', line: stages.at(-1)?.line ?? 1, message, remedy });
  };
  if (stages.length === 0 && facts.unclear.length === 0) {
    refuse('The Dockerfile has no FROM.', 'Start a stage with FROM.');
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
  const { mentions } = resolved;
  const images = [...new Set(mentions.map(({ name }) => name))];
  if (images.length > MAX_IMAGES) {
    refuse(
      `The Dockerfile names ${images.length} images, and ${MAX_IMAGES} are the most.`,
      'Split it.',
    );
  }
  return { multiStage, finalUser, images: images.slice(0, MAX_IMAGES), mentions, refusals };
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
