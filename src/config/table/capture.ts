/** Rows of the settings table: what is recorded of a request or a query, and who may know of the trace. */
import { hostGlobs, pathGlobs } from '../globs';
import { flag, LONGEST_TIMER, list, whole } from '../parse';
import { setting } from '../setting';
import { headerNames } from '../tokens';

export const CAPTURE = {
  ignorePaths: setting<readonly string[]>({
    group: 'Capture',
    names: ['CANVASOPS_IGNORE_PATHS'],
    parse: pathGlobs,
    fallback: [],
    help: 'Requests whose path matches one of these globs are not traced, nor is anything they cause: `/health,/static/**`.',
  }),
  captureUser: setting<boolean>({
    group: 'Capture',
    names: ['CANVASOPS_CAPTURE_USER'],
    parse: flag,
    fallback: true,
    help: 'Record the opaque id of the signed-in user (`req.user`, `request.user`, `ctx.state.user`), and nothing else of them.',
  }),
  captureRequestHeaders: setting<readonly string[]>({
    group: 'Capture',
    names: ['CANVASOPS_CAPTURE_REQUEST_HEADERS'],
    parse: headerNames,
    fallback: [],
    help: 'Request headers to record: `x-request-id,accept-language`.',
  }),
  captureResponseHeaders: setting<readonly string[]>({
    group: 'Capture',
    names: ['CANVASOPS_CAPTURE_RESPONSE_HEADERS'],
    parse: headerNames,
    fallback: [],
    help: 'Response headers to record.',
  }),
  redactKeys: setting<readonly string[]>({
    group: 'Capture',
    names: ['CANVASOPS_REDACT_KEYS'],
    parse: list,
    fallback: [],
    help: 'Further names whose values are secret, on top of the built-in ones (password, token, ...).',
  }),
  dbParameters: setting<boolean>({
    group: 'Capture',
    names: ['CANVASOPS_DB_PARAMETERS'],
    parse: flag,
    fallback: false,
    help: 'Record the parameters of database queries. They often hold personal data.',
  }),
  dbConnectionWait: setting<number>({
    group: 'Capture',
    names: ['CANVASOPS_DB_CONNECTION_WAIT'],
    parse: whole(0, LONGEST_TIMER, 'milliseconds'),
    fallback: 1,
    help: 'How long a request may wait for a connection to a database before the wait gets a span of its own, in milliseconds.',
  }),
  dbRepeatedStatements: setting<number>({
    group: 'Capture',
    names: ['CANVASOPS_DB_REPEATED_STATEMENTS'],
    parse: whole(0, LONGEST_TIMER, 'statements'),
    fallback: 10,
    help: 'How often the same statement has to run below one span before the request is marked with it (`canvasops.db.repeated_statement`). 0 marks none.',
  }),
  propagateTo: setting<readonly string[] | undefined>({
    group: 'Capture',
    names: ['CANVASOPS_PROPAGATE_TO'],
    parse: hostGlobs,
    fallback: undefined,
    fallbackText: 'every host',
    help: 'Hosts that may get trace headers: `*.example.com,api:8080`, or `none`. AWS-signed requests never do.',
  }),
};
