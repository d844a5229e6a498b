/** Rejects in every way it can, traced or not, and prints how many rejections the process saw as unhandled. */
import { span, startSpan, traceDatabaseQuery, traceFunction } from '../../src/api';
import { register } from './runtime';

const isTraced = process.argv[2] === 'traced';
let unhandled = 0;
let handledLater = 0;
process.on('unhandledRejection', () => unhandled++);
process.on('rejectionHandled', () => handledLater++);

if (isTraced) register();
const run = <T>(name: string, fn: () => T): T => (isTraced ? span(name, fn) : fn());
const reject = async (): Promise<never> => {
  throw new Error('no');
};
class Special extends Promise<never> {}

async function main(): Promise<void> {
  void run('nobody waits', reject);
  void run('handled', reject).catch(() => undefined);
  await run('awaited', reject).catch(() => undefined);
  void run('outer', () => run('inner', reject));
  void run('subclass', () => Special.reject(new Error('no')));
  void run('both', () => Promise.all([reject(), reject()]));
  void (isTraced ? traceFunction('f')(reject) : reject)();
  void (isTraced ? traceDatabaseQuery('SELECT 1', {}, reject) : reject());
  async function* generator(): AsyncGenerator<number> {
    yield 1;
    throw new Error('no');
  }
  const steps = run('generator', generator);
  await steps.next();
  void steps.next();
  const late = run('late', reject);
  setTimeout(() => late.catch(() => undefined), 20);
  if (isTraced) startSpan('manual').end();
  await new Promise((resolve) => setTimeout(resolve, 60));
  process.stdout.write(JSON.stringify({ unhandled, handledLater }));
}

void main();
