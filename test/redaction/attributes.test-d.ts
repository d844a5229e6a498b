/** Not run: the type checker reads it. What comes from outside is no attribute before it passed redaction/. */
import { redactUrl } from '../../src/redaction/http/url';
import { sanitizeName } from '../../src/redaction/sanitized';
import { HTTP_ROUTE, SERVER_ADDRESS, URL_FULL, URL_SCHEME } from '../../src/tracing/semconv';
import type { RecordingSpan } from '../../src/tracing/span';
import type { RegisterTracer } from '../../src/tracing/tracer';

export function checked(span: RecordingSpan, tracer: RegisterTracer, given: string): void {
  // @ts-expect-error what somebody sent
  span.put(URL_FULL, given);
  // @ts-expect-error also as a template
  span.put(URL_FULL, `http://${given}`);
  // @ts-expect-error also in a list
  span.put('http.request.header.x', [given]);
  // @ts-expect-error also in the place of another value
  span.replace(HTTP_ROUTE, given);
  // @ts-expect-error also as a name
  span.name = given;
  // @ts-expect-error also as the name of a new span
  tracer.begin(given, 0, undefined, undefined as never);
  // @ts-expect-error a cut does not sanitize
  span.put(SERVER_ADDRESS, given.slice(0, 10));
  // @ts-expect-error a sanitized text that was changed is none
  span.put(SERVER_ADDRESS, sanitizeName('a') + given);

  span.put(URL_FULL, redactUrl(given));
  span.put(SERVER_ADDRESS, sanitizeName(given));
  span.put(URL_SCHEME, given === '' ? 'http' : 'https');
  span.put('server.port', 80);
  span.name = sanitizeName(given);
}
