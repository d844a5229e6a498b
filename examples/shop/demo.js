// `npm run demo`: the shop under the real preload, with a real database, and the traces it makes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const say = (text) => process.stdout.write(`${text}\n`);

say(
  'Starting PostgreSQL (PGlite, embedded), a payment service, and the shop with --import ./register.mjs ...\n',
);

const database = await PGlite.create();
await database.exec(`
  CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price int NOT NULL, stock int NOT NULL CHECK (stock >= 0));
  CREATE TABLE orders (id serial PRIMARY KEY, product_id int REFERENCES products, quantity int, customer text);
  INSERT INTO products VALUES (1, 'Teapot', 24, 12), (2, 'Cup', 6, 3), (3, 'Saucer', 4, 40);
`);
const postgres = new PGLiteSocketServer({ db: database, port: 0, host: '127.0.0.1' });
const databasePort = await listen(postgres);

const payments = createServer((request, response) => {
  request.resume().on('end', () => setTimeout(() => response.end('{"paid":true}'), 20));
});
payments.listen(0, '127.0.0.1');
await once(payments, 'listening');

const shop = spawn(
  process.execPath,
  ['--import', new URL('../../register.mjs', import.meta.url).href, 'server.js'],
  {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: {
      ...process.env,
      PORT: '0',
      DATABASE_URL: `postgres://postgres@127.0.0.1:${databasePort}/postgres`,
      PAYMENTS_URL: `http://127.0.0.1:${payments.address().port}`,
      OTEL_SERVICE_NAME: 'shop',
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      ...(process.stderr.isTTY && { FORCE_COLOR: '1' }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);

const [line] = await once(createInterface(shop.stdout), 'line');
const url = `http://127.0.0.1:${line.split(' ')[1]}`;

const order = (body) => ['POST', '/orders', JSON.stringify(body)];
const requests = [
  ['GET', '/products'],
  ['GET', '/products/2?session=not-for-traces-either'],
  ['GET', '/products/99'],
  order({ product: 1, quantity: 2, customer: 'c-1007' }),
  order({ product: 2, quantity: 50, customer: 'c-2040' }),
];
for (const [method, path, body] of requests) {
  const answer = await fetch(url + path, {
    method,
    body,
    headers: body && { 'content-type': 'application/json' },
  });
  say(`> ${method} ${path}${body ? ` ${body}` : ''}  ->  ${answer.status}`);
  await answer.arrayBuffer();
  await new Promise((resolve) => setTimeout(resolve, 250));
}

shop.kill('SIGTERM');
await once(shop, 'exit');
payments.close();
await postgres.stop();
await database.close();
say(
  '\nNot a line of the shop makes these spans. With an app of yours:  node --import @canvasops/register app.js',
);

/** The socket server takes a port and does not say which one it got. */
async function listen(server) {
  await server.start();
  return Number(server.getServerConn().split(':').pop());
}
