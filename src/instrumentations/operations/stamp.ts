/** State tied to an object of the app without anyone being able to see it; see attached.ts. */
import { Attached } from './attached';

export interface Stamp<T> {
  get(object: object | undefined | null): T | undefined;
  set(object: object, value: T): void;
}

export function createStamp<T>(): Stamp<T> {
  class Stamped extends Attached {
    #value: T;
    constructor(object: object, value: T) {
      super(object);
      this.#value = value;
    }
    static read(object: object): T | undefined {
      return #value in object ? (object as Stamped).#value : undefined;
    }
    static write(object: object, value: T): void {
      if (#value in object) (object as Stamped).#value = value;
      else new Stamped(object, value);
    }
  }
  return {
    get: (object) => (object === undefined || object === null ? undefined : Stamped.read(object)),
    set: Stamped.write,
  };
}
