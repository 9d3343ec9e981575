import path from 'node:path';
import { z } from 'zod';
import { ReleaseError } from '../../contract/errors';
import { ROLES, type Role } from '../../domain/actor';
import { readOrCreate } from './private-file';

const People = z.record(z.string().min(1).max(200), z.array(z.enum(ROLES)).max(ROLES.length));
export type People = z.infer<typeof People>;

/** One person a role, two where it takes two, so that four eyes can be tried out. `ci` stands for a pipeline. */
const SAMPLE_PEOPLE: People = {
  alice: ['viewer', 'releaser'],
  bob: ['viewer', 'approver'],
  carol: ['viewer', 'operator'],
  dave: ['viewer'],
  erin: ['viewer', 'security'],
  frank: ['viewer', 'break-glass'],
  grace: ['viewer', 'break-glass'],
  root: ['admin'],
  ci: ['viewer', 'releaser'],
};

/** `{stateDir}/people.json`, subject to roles; written at the first start, edited by hand after that. */
export async function loadPeople(stateDir: string): Promise<People> {
  const file = path.join(stateDir, 'people.json');
  const text = await readOrCreate(file, () =>
    Promise.resolve(`${JSON.stringify(SAMPLE_PEOPLE, null, 2)}\n`),
  );
  const people = People.safeParse(parseJson(text));
  if (!people.success) {
    throw new ReleaseError('INVALID_INPUT', `${file} is not a table of subjects and roles`, {
      details: { field: file, remedy: `correct or remove it; the roles are ${ROLES.join(', ')}` },
    });
  }
  return people.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The roles of a person, or those of them that were asked for. @throws ReleaseError FORBIDDEN */
export function rolesOf(
  people: People,
  subject: string,
  asked: readonly Role[] | undefined,
): readonly Role[] {
  const roles = Object.hasOwn(people, subject) ? people[subject] : undefined;
  if (!roles) {
    throw new ReleaseError('FORBIDDEN', `There is no one called "${subject}" here`, {
      details: { field: 'subject', remedy: `one of: ${Object.keys(people).join(', ')}` },
    });
  }
  const missing = asked?.find((role) => !roles.includes(role));
  if (missing) {
    throw new ReleaseError('FORBIDDEN', `${subject} does not have the role ${missing}`, {
      details: { field: 'roles', remedy: `${subject} has: ${roles.join(', ')}` },
    });
  }
  return asked ?? roles;
}
