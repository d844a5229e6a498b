import fs from 'node:fs';
import type { TlsFiles } from '../../../config/types';

export interface TlsOptions {
  ca?: Buffer;
  key?: Buffer;
  cert?: Buffer;
}

/**
 * Reads the certificate and key files of a destination.
 *
 * @throws What `fs` throws when a file cannot be read.
 */
export function readTlsFiles(files: TlsFiles): TlsOptions {
  const options: TlsOptions = {};
  if (files.certificate !== undefined) options.ca = fs.readFileSync(files.certificate);
  if (files.clientKey !== undefined) options.key = fs.readFileSync(files.clientKey);
  if (files.clientCertificate !== undefined) options.cert = fs.readFileSync(files.clientCertificate);
  return options;
}
