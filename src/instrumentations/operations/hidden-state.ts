/** State tied to an object of the app without anyone being able to see it; see attached.ts. */
import { Attached } from './attached';

export interface HiddenState<T> {
  get(object: object | undefined | null): T | undefined;
  set(object: object, value: T): void;
}

export function createHiddenState<T>(): HiddenState<T> {
  class StatefulObject extends Attached {
    #value: T;
    constructor(object: object, value: T) {
      super(object);
      this.#value = value;
    }
    static read(object: object): T | undefined {
      return #value in object ? (object as StatefulObject).#value : undefined;
    }
    static write(object: object, value: T): void {
      if (#value in object) (object as StatefulObject).#value = value;
      else new StatefulObject(object, value);
    }
  }
  return {
    get: (object) => (object === undefined || object === null ? undefined : StatefulObject.read(object)),
    set: StatefulObject.write,
  };
}
