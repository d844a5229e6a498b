/** Compiled twice: with the decorators of the language, and with TypeScript's older ones. */
import { traceFunction, traceSave } from '../../src/api';

export class Account {
  #owner = 'bob';

  @traceFunction()
  greet(greeting: string, mark = '!'): string {
    return `${greeting} ${this.#owner}${mark}`;
  }

  @traceFunction('account.load', { attributes: { cached: false } })
  async load(): Promise<string> {
    return this.#owner;
  }

  @traceFunction()
  static create(): Account {
    return new Account();
  }

  @traceSave('Account')
  save(): boolean {
    return true;
  }

  get owner(): string {
    return this.#owner;
  }
}
