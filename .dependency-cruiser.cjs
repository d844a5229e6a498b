// Who may import whom (docs/decisions/0001-shape.md). Checked by `npm run check:imports`.
const room = (name) => `^src/${name}/`;
const only = (name, from, ...allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: [from, '^src/(text/|timers\\.ts$)', ...allowed] },
});

const types = '^src/(config|tracing|export|instrumentations)/(types|names|span-kind|define)\\.ts$';

module.exports = {
  forbidden: [
    only('text-imports-nothing-of-ours', room('text')),
    only('redaction-imports-nothing-of-ours', room('redaction')),
    only('tracing-imports-redaction-only', room('tracing'), room('redaction')),
    only(
      'config-imports-redaction-and-types',
      room('config'),
      room('redaction'),
      types,
      '^src/tracing/names\\.ts$',
    ),
    only('otlp-imports-types-of-tracing', room('otlp'), types),
    only('loader-knows-node-and-types', room('loader'), types, '^src/tracing/(tracer|context|names)\\.ts$'),
    only(
      'instrumentations-import-tracing-and-redaction',
      room('instrumentations'),
      room('tracing'),
      room('redaction'),
      types,
      '^src/loader/node-features\\.ts$',
    ),
    only('diagnostics-imports-redaction-and-types', room('diagnostics'), room('redaction'), types),
    only(
      'export-imports-otlp-diagnostics-and-types',
      room('export'),
      room('otlp'),
      room('redaction'),
      room('diagnostics'),
      types,
    ),
    {
      name: 'transports-import-describe-only-of-delivery',
      severity: 'error',
      from: { path: '^src/export/transports/' },
      to: {
        path: '^src/export/',
        pathNot: [
          '^src/export/transports/',
          '^src/export/types\\.ts$',
          '^src/export/delivery/describe\\.ts$',
        ],
      },
    },
    {
      name: 'transports-never-import-each-other',
      severity: 'error',
      from: { path: '^src/export/transports/(http|grpc|jaeger-udp|console|custom)' },
      to: {
        path: '^src/export/transports/',
        pathNot: ['^src/export/transports/shared/', '^src/export/transports/$1'],
      },
    },
    only('api-imports-tracing-and-redaction', '^src/api(/|\\.ts$)', room('tracing'), room('redaction')),
    {
      name: 'library-files-never-import-each-other',
      severity: 'error',
      from: { path: '^src/instrumentations/([^/]+)\\.ts$', pathNot: '^src/instrumentations/index\\.ts$' },
      to: {
        path: '^src/instrumentations/[^/]+\\.ts$',
        pathNot: ['^src/instrumentations/define\\.ts$', '^src/instrumentations/$1\\.ts$'],
      },
    },
    {
      name: 'nobody-imports-preload-or-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/(preload\\.ts$|cli/)' },
    },
    {
      name: 'no-cycles-of-types-either',
      severity: 'error',
      from: { path: '^src/(tracing|redaction|config|otlp)/' },
      to: { circular: true },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-cycles-in-export-not-even-of-types',
      severity: 'error',
      from: { path: '^src/(export|diagnostics)/' },
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
