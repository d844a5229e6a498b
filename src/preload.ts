/** What happens when a process starts under the preload, in this order. */
import { dirname, join } from 'node:path';
import { load } from './config/load';
import { readSources } from './config/sources';
import { createLog } from './diagnostics/log';
import { LatePipeline } from './export/late-pipeline';
import type * as PipelineFile from './export/pipeline';
import { deliverAtProcessEnd } from './export/shutdown';
import type { CreateSpool } from './export/spool';
import type { CreateThreadMirror } from './export/threads/thread-mirror';
import type { CreateThreadWatch } from './export/threads/thread-watch';
import type { CreateTransport } from './export/types';
import { registerGlobalApi } from './global-api';
import { registry } from './instrumentations';
import type { RegistryEntry } from './instrumentations/define';
import type { CloudOptions } from './loader/clouds';
import { entriesInReach } from './loader/esm/reach';
import { Loader } from './loader/instrument';
import { IS_WORKER_THREAD } from './loader/node-features';
import { setStatementDescriber } from './redaction/attributes';
import { setExtraSecretKeys } from './redaction/secrets/names';
import type { StatementDescription } from './redaction/sql/describe';
import type * as StartLineFile from './start-line';
import { reasonNotToStart } from './startup-guards';
import { defer } from './timers';
import { monotonic } from './tracing/clock';
import {
  activeContext,
  enter,
  leave,
  runWith,
  StorageContextManager,
  SUPPRESSED_CONTEXT,
} from './tracing/context';
import { DeduplicatingProvider } from './tracing/deduplicating-provider';
import { cloudsAmong } from './tracing/names';
import { createPropagator } from './tracing/propagation';
import { countQuery, queryStats } from './tracing/query-stats';
import { reviveSpan } from './tracing/readable';
import { LateResource } from './tracing/resource';
import { installRuntime, type Stats } from './tracing/runtime';
import { createSampler } from './tracing/sampler';
import { RecordingSpan } from './tracing/span';
import { RegisterTracerProvider } from './tracing/tracer';
import { createUnfinishedSpans } from './tracing/unfinished';
import { VERSION } from './version';

function start(): void {
  const sources = readSources();
  const { config, problems } = load(sources, registry);
  if (!config.enabled) return;
  const log = createLog(config.logLevel);
  const reason = reasonNotToStart(VERSION, __dirname);
  if (reason !== undefined) {
    log[reason.silent ? 'debug' : 'warn'](`not tracing: ${reason.text}.`);
    return;
  }
  for (const { severity, code, why, fix } of problems)
    log[severity === 'error' ? 'error' : 'warn'](`${code}: ${why} ${fix}`);
  setExtraSecretKeys(config.redactKeys);
  setStatementDescriber(describeStatement);

  const resource = new LateResource({
    serviceName: config.serviceName,
    attributes: config.resourceAttributes,
    detectors: config.resourceDetectors,
    env: sources.env,
    distroVersion: VERSION,
  });
  let heedSignals = (): void => undefined;
  const pipeline = new LatePipeline({
    log,
    create: (runDetached) =>
      pipelineFile().createPipeline(config, resource, {
        log,
        loadTransport: (name) =>
          (require(`./export/transports/${name}.cjs`) as { createTransport: CreateTransport })
            .createTransport,
        loadSpool: () => (require('./export/spool/index.cjs') as { createSpool: CreateSpool }).createSpool,
        threads: {
          ...(IS_WORKER_THREAD && {
            loadMirror: () =>
              (require('./export/threads/thread-mirror.cjs') as { createThreadMirror: CreateThreadMirror })
                .createThreadMirror,
          }),
          loadWatch: () =>
            (require('./export/threads/thread-watch.cjs') as { createThreadWatch: CreateThreadWatch })
              .createThreadWatch,
          revive: (span) => reviveSpan(span, resource),
          onStart: () => heedSignals(),
        },
        runDetached: (fn) => runDetached(() => runWith(SUPPRESSED_CONTEXT, fn)),
        workerFile: join(__dirname, 'export/shutdown/worker.cjs'),
        now: monotonic,
      }),
  });
  // A spool has spans of earlier processes to send, and the main thread may ask for those of a thread at any time.
  if (config.spool !== undefined || IS_WORKER_THREAD) pipeline.make();
  const provider = new RegisterTracerProvider({
    limits: config.limits,
    sampler: createSampler(config.sampler, config.samplerRatio),
    sink: pipeline,
    resource: () => resource,
  });
  const propagator = createPropagator(config.propagators);
  const loader = new Loader({
    registry,
    provider,
    config,
    propagator,
    version: VERSION,
    warn: log.warn,
    debug: log.debug,
  });
  const repeating = new Set(
    registry.flatMap(({ official = [], repeatedBy = [], serverSpanScope = [], ownScope = [] }) =>
      [official, repeatedBy, serverSpanScope, ownScope].flat(),
    ),
  );
  const deduplicatingProvider = new DeduplicatingProvider(
    provider,
    (offered) => loader.repeats(offered),
    repeating,
  );
  registerGlobalApi({
    trace: deduplicatingProvider,
    context: new StorageContextManager(),
    propagation: propagator,
  });
  const stats = (): Stats => ({
    ...pipeline.stats(),
    created: provider.created + pipeline.inherited,
    open: provider.open,
  });
  installRuntime({
    version: VERSION,
    folder: __dirname,
    provider,
    activeContext,
    enter,
    leave,
    flush: (timeoutMs) => pipeline.flush(timeoutMs),
    shutdown: (timeoutMs) => pipeline.shutdown(timeoutMs),
    database: {
      describe: describeStatement,
      count(span, statement, durationMs, failed) {
        if (span instanceof RecordingSpan)
          countQuery(span, statement, durationMs, failed, config.dbRepeatedStatements);
      },
      stats: queryStats,
    },
    stats,
    esModuleRan: (url, bindings) => loader.onEsModule(url, bindings as Record<string, unknown>),
  });
  loader.start();
  const esm = entriesInReach(loader.entries, process.argv[1]);
  if (esm.length > 0) hookEsm(esm, log.warn);
  if (config.instrumentations.length > 0) {
    const { hostInstrumentations } =
      require('./loader/third-party.cjs') as typeof import('./loader/third-party');
    hostInstrumentations({
      names: config.instrumentations,
      folder: appFolder(),
      provider,
      deduplicatingProvider,
      registry,
      enabled: loader.entries,
      variables: { env: sources.env, file: sources.file?.values },
      warn: log.warn,
      debug: log.debug,
    });
  }
  const clouds = cloudsAmong(config.resourceDetectors);
  if (clouds.length > 0) {
    const options: CloudOptions = {
      clouds,
      named: !config.resourceDetectors.includes('all'),
      folder: appFolder(),
      workerFile: join(__dirname, 'loader/cloud-worker.cjs'),
      env: sources.env,
      onFound: (attributes) => resource.add(attributes),
      warn: log.warn,
      debug: log.debug,
    };
    // Not on the stack of the app's first request.
    provider.whenFirstSpanBegins(() => defer(loadAndAskClouds, options).unref());
  }
  const isVerbose = config.logLevel === 'info' || config.logLevel === 'debug';
  const unfinished = createUnfinishedSpans(() => provider.openSpans());
  deliverAtProcessEnd({
    pipeline,
    log,
    timeoutMs: config.exitTimeoutMs,
    now: monotonic,
    lastLine: isVerbose ? () => pipelineFile().statsLine(stats()) : undefined,
    onUncaught: unfinished.uncaught,
    endOpenSpans: unfinished.end,
    whenFirstSpanBegins: (listener) => {
      heedSignals = listener; // for spans of threads
      provider.whenFirstSpanBegins(listener);
    },
  });
  if (isVerbose) {
    const isAll = loader.entries.length === registry.length;
    const { startLine } = require('./start-line.cjs') as typeof StartLineFile;
    log.info(startLine(config, resource, isAll ? undefined : loader.entries));
  }
  if (config.logLevel === 'debug') {
    const { hintAtBundledCopies } =
      require('./loader/bundled-copies.cjs') as typeof import('./loader/bundled-copies');
    hintAtBundledCopies(loader.entries, log.debug);
  }
}

/** Of the pipeline, which is loaded late. */
function pipelineFile(): typeof PipelineFile {
  return require('./export/pipeline.cjs') as typeof PipelineFile;
}

function hookEsm(entries: readonly RegistryEntry[], warn: (message: string) => void): void {
  try {
    const { hookEsModules } = require('./loader/esm/hook.cjs') as typeof import('./loader/esm/hook');
    hookEsModules(entries, join(__dirname, 'loader/esm/load-hook.cjs'));
  } catch (error) {
    const names = entries.map(({ name }) => name).join(', ');
    warn(`what ES modules import of ${names} cannot be seen: ${String(error)}`);
  }
}

/** The scanners are loaded when a statement comes. */
function describeStatement(text: string, system: string): StatementDescription {
  const statement =
    require('./redaction/database/statement.cjs') as typeof import('./redaction/database/statement');
  return statement.describeStatement(text, system);
}

function loadAndAskClouds(options: CloudOptions): void {
  try {
    const { askClouds } = require('./loader/clouds.cjs') as typeof import('./loader/clouds');
    askClouds(options);
  } catch (error) {
    options.warn(`the clouds of OTEL_NODE_RESOURCE_DETECTORS cannot be asked: ${String(error)}`);
  }
}

/** Where the program lies: what the app has installed is found from there. */
function appFolder(): string {
  return process.argv[1] === undefined ? process.cwd() : dirname(process.argv[1]);
}

try {
  start();
} catch (error) {
  // Whatever went wrong, the app must start as if we were not there.
  createLog('error').error(`tracing could not be started; the app runs without it: ${String(error)}`);
}
