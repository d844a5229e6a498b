/**
 * Runs the official detectors of clouds in a thread of its own, `dist/loader/cloud-worker.cjs`: what they load, block, throw
 * or wait for is no matter of the app's thread, and none of it keeps the process.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { firstLine } from '../text/thrown';

/** What the thread is given. */
export interface CloudJob {
  readonly detectors: readonly { readonly name: string; readonly file: string }[];
}

/** What it says, once per detector. */
export interface CloudAnswer {
  readonly name: string;
  readonly attributes: Record<string, Value>;
  /** Why it could not be asked. */
  readonly error?: string;
}

type Value = string | number | boolean | string[];

/** `ResourceDetector` of the SDK 2.x, whose values may be promises, and of 1.x, which is one promise. */
interface Detector {
  detect(config: object): Detected | Promise<Detected>;
}

interface Detected {
  readonly attributes?: Readonly<Record<string, unknown>>;
  waitForAsyncAttributes?(): Promise<void>;
}

async function ask(file: string): Promise<Record<string, Value>> {
  const exports = Object.values(require(file) as object) as unknown[];
  const found: Record<string, Value> = {};
  // A package has several: aws asks EC2, ECS, EKS, Beanstalk and Lambda. Most of them find nothing.
  const detectors = exports.filter(isDetector);
  const asked = await Promise.allSettled(detectors.map((detector) => attributesOf(detector)));
  for (const result of asked) if (result.status === 'fulfilled') Object.assign(found, result.value);
  const [first] = asked;
  if (asked.length > 0 && asked.every(({ status }) => status === 'rejected'))
    throw (first as PromiseRejectedResult).reason;
  return found;
}

async function attributesOf(detector: Detector): Promise<Record<string, Value>> {
  const detected = await detector.detect({});
  await detected.waitForAsyncAttributes?.();
  const found: Record<string, Value> = {};
  const settle = async (key: string, given: unknown): Promise<void> => {
    const value = await given;
    if (isValue(value)) found[key] = value;
  };
  const entries = Object.entries(detected.attributes ?? {});
  await Promise.allSettled(entries.map(([key, value]) => settle(key, value)));
  return found;
}

function isDetector(value: unknown): value is Detector {
  return (
    typeof value === 'object' && value !== null && typeof (value as Partial<Detector>).detect === 'function'
  );
}

function isValue(value: unknown): value is Value {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string');
  return (
    (typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'boolean'
  );
}

for (const { name, file } of (workerData as CloudJob).detectors) {
  const say = (answer: CloudAnswer): void => parentPort?.postMessage(answer);
  ask(file).then(
    (attributes) => say({ name, attributes }),
    (error: unknown) => say({ name, attributes: {}, error: firstLine(error) }),
  );
}
