/** In whose context `fixtures/frames/connections.cjs` sees the functions of its server called: that of their own request. */
import assert from 'node:assert/strict';
import type { NodeVersion } from '../helpers/node-versions';
import { runToExit } from '../helpers/run-app';

/** `function: whose context`; `nobody` is none. */
const EXPECTED = `
two requests, one after the other
answer /a: /a
answer /b: /b
connection: nobody
data /a: /a
end /a: /a
end /b: /b
request /a: /a
request /b: /b

three requests at once
answer /c: /c
answer /d: /d
answer /e: /e
connection: nobody
data /c: /c
end /c: /c
end /d: /d
end /e: /e
request /c: /c
request /d: /d
request /e: /e

no request after one
answer /f: /f
clientError: nobody
connection: nobody
end /f: /f
request /f: /f

an upgrade after one
answer /g: /g
connection: nobody
end /g: /g
request /g: /g
upgrade /h: /h

100-continue
answer /i: /i
connection: nobody
data /i: /i
end /i: /i
request /i: /i

answered by Node itself, then events of the app
after it: nobody
connection: nobody
other: nobody
request /own: /own

an emit of the app
answer /k: /k
connection: nobody
end /k: /k
request /k: /k

a class of the app
request of the class: the class
`;

export async function assertConnections(node: NodeVersion, nodeArgs: string[] = []): Promise<void> {
  const { code, stdout, stderr } = await runToExit({
    entry: 'fixtures/frames/connections.cjs',
    env: { OTEL_TRACES_EXPORTER: 'none' },
    node,
    nodeArgs,
  });
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(stdout.trim(), EXPECTED.trim());
}
