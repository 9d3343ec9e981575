type Method = (...args: never[]) => Promise<unknown>;

/** Does something each time a fake has done what it was called for and its caller does not know yet. */
export function afterCall<Fake extends object, Name extends keyof Fake>(
  fake: Fake,
  name: Name,
  then: (...args: Fake[Name] extends Method ? Parameters<Fake[Name]> : never) => Promise<unknown>,
): void {
  const call = fake[name] as (...args: unknown[]) => Promise<unknown>;
  Object.assign(fake, {
    [name]: async (...args: unknown[]): Promise<unknown> => {
      const result = await call(...args);
      await (then as (...args: unknown[]) => Promise<unknown>)(...args);
      return result;
    },
  });
}
