// What hooks make and remove again, held in a constant: a suite says in one line what each of its tests gets.

interface Removable {
  remove(): unknown;
}

/** Call it in a `describe`: made before each test, removed after it. */
export function newForEachTest<T extends Removable>(make: () => T | Promise<T>): T {
  let made: T | undefined;
  beforeEach(async () => {
    made = await make();
  });
  afterEach(async () => {
    await made?.remove();
    made = undefined;
  });
  return standIn(() => made);
}

/** Call it in a `describe`: made before its first test, removed after the last one. */
export function newForSuite<T extends Removable>(make: () => T | Promise<T>): T {
  let made: T | undefined;
  before(async () => {
    made = await make();
  });
  after(async () => {
    await made?.remove();
    made = undefined;
  });
  return standIn(() => made);
}

/** Has the properties and methods of what stands behind it at the time. Outside of tests and hooks there is nothing behind it: an error. */
export function standIn<T extends object>(current: () => T | undefined): T {
  return new Proxy({} as T, {
    get: (_nothing, key) => {
      const real = current();
      if (real === undefined) {
        throw new Error(`"${String(key)}" was asked for outside of a test.`);
      }
      const value: unknown = Reflect.get(real, key, real);
      return typeof value === 'function' ? (value.bind(real) as unknown) : value;
    },
  });
}
