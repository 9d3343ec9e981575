import { InvalidArgumentError } from 'commander';

/** Reads the value of an option by a rule of the domain; what the rule refuses is a usage error in its words. */
export function parseAs<Value>(parse: (text: string) => Value, text: string): Value {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidArgumentError(`${error.message}.`);
  }
}
