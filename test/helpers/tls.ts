/** Short-lived certificates for loopback, made by the openssl program; nothing secret lies in the repository. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface ServerTls {
  key: string;
  cert: string;
  /** With `requestCert`: who signs the clients' certificates. */
  ca?: string;
  requestCert?: boolean;
  rejectUnauthorized?: boolean;
}

export interface Certificates {
  /** PEM texts for a server at 127.0.0.1 / localhost. */
  server: ServerTls;
  /** Files, as settings want them. */
  caFile: string;
  clientKeyFile: string;
  clientCertFile: string;
  /** Removes the files. */
  remove(): void;
}

export function makeCertificates(): Certificates {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'canvasops-tls-'));
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  // Also when the test fails before it removes them.
  process.once('exit', remove);
  const file = (name: string): string => path.join(dir, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const sign = (name: string, subject: string, extensions: string): void => {
    writeFileSync(file(`${name}.ext`), extensions);
    openssl('req', ...newKey, '-subj', subject, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`));
    const ca = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
    const out = ['-days', '2', '-extfile', file(`${name}.ext`), '-out', file(`${name}.pem`)];
    openssl('x509', '-req', '-in', file(`${name}.csr`), ...ca, ...out);
  };
  const authority = [
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  ];
  openssl('req', '-x509', ...newKey, ...authority);
  sign('server', '/CN=localhost', 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  sign('client', '/CN=test client', 'extendedKeyUsage=clientAuth\n');
  return {
    server: {
      key: readFileSync(file('server.key'), 'utf8'),
      cert: readFileSync(file('server.pem'), 'utf8'),
      ca: readFileSync(file('ca.pem'), 'utf8'),
    },
    caFile: file('ca.pem'),
    clientKeyFile: file('client.key'),
    clientCertFile: file('client.pem'),
    remove,
  };
}
